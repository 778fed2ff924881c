import { describe, expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { because, type Reason } from "../../packages/jobs/reasons.ts";
import type { SetAsk } from "../../packages/jobs/set-ask.ts";
import { type WorkOnSetsDeps, workOnSets } from "../../packages/pipeline/work-on-sets.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { AT, aNewJob, anAsk, aPullRequest, aRunOf, aStatus } from "../builders.ts";
import { clientOf, memoryTable } from "../store/memory-table.ts";

const MINUTE = 60_000;
const [ORDERS, LEDGER, GATEWAY] = ["acme/orders", "acme/ledger", "acme/gateway"] as const;
const THREE = [ORDERS, LEDGER, GATEWAY];

/** A job with a published run in each repository, a table in memory, and a GitHub that says what the test says. */
async function world(repositories: readonly string[] = THREE) {
  const clock = { now: Date.parse(AT) + MINUTE };
  const now = () => new Date(clock.now);
  const table = memoryTable();
  const store = createJobStore({ documents: clientOf(async (command) => table.answer(command)), table: "t", now });
  const job = aNewJob({ repositories: [...repositories] });
  await store.insertJob(job);
  for (const repository of repositories) {
    const pullRequest = { ...aPullRequest(repository, 1), nodeId: repository };
    await store.openRun(
      aRunOf(job, {
        repository,
        state: "published",
        pullRequest,
        restedAt: AT,
        pullRequestStatus: aStatus({ checks: "passed" }),
      }),
    );
    await store.watchPullRequest({ jobId: job.jobId, repository }, pullRequest);
  }
  const acted: [string, string?][] = [];
  const github = { says: (_: SetAsk): Awaited<ReturnType<WorkOnSetsDeps["act"]>> | Error => ({ state: "done" }) };
  const pass = async () => {
    clock.now += MINUTE;
    const before = acted.length;
    await workOnSets({
      ...store,
      act: async (ask: SetAsk, _record: JobRecord, lapse: Reason | undefined) => {
        acted.push([ask.repository, ...(lapse ? [lapse.code] : [])] as [string, string?]);
        if (lapse) return { state: "lapsed", reason: lapse };
        const said = github.says(ask);
        if (said instanceof Error) throw said;
        return said;
      },
      now,
      isOver: () => false,
      log: () => {},
    });
    return acted.slice(before);
  };
  const ask = async (repository: string, changes: Partial<SetAsk> = {}) => {
    const made = anAsk({ jobId: job.jobId, repository, at: now().toISOString(), ...changes });
    return { made, answer: await store.insertAsk(made) };
  };
  const stands = async () =>
    Object.fromEntries(
      ((await store.readJob(job.jobId))!.asks ?? []).map(({ repository, state, reason }) => [
        repository,
        reason?.code ?? state,
      ]),
    );
  const status = async (repository: string, changes: Parameters<typeof aStatus>[0]) => {
    const watch = { jobId: job.jobId, repository, number: 1, nodeId: repository, movedAt: AT, version: "" };
    await store.keepPullRequestStatus(watch, aStatus({ checks: "passed", ...changes }));
  };
  return { clock, store, job, acted, github, pass, ask, stands, status };
}

describe("what is asked for the pull requests of a set", () => {
  it("is done once, costs GitHub nothing while nothing changes, and asks again when something has", async () => {
    const it = await world();
    await it.ask(ORDERS);
    it.github.says = () => ({ state: "waiting", said: "Repository rule violations found" });
    expect(await it.pass()).toEqual([[ORDERS]]);
    expect(await it.pass()).toEqual([]);
    // GitHub is still working it out.
    it.github.says = () => ({ state: "waiting", soon: true });
    await it.status(ORDERS, { checks: "pending" });
    for (const _ of [1, 2]) expect(await it.pass()).toEqual([[ORDERS]]);
    it.github.says = () => ({ state: "waiting" });
    expect(await it.pass()).toEqual([[ORDERS]]);
    await it.status(ORDERS, { checks: "failed" });
    expect(await it.pass()).toEqual([[ORDERS]]);
    it.clock.now += 10 * MINUTE;
    expect(await it.pass()).toEqual([[ORDERS]]);
    it.github.says = () => ({ state: "done" });
    await it.status(ORDERS, { review: "approved" });
    expect(await it.pass()).toEqual([[ORDERS]]);
    expect(await it.stands()).toEqual({ [ORDERS]: "done" });
    expect(await it.pass()).toEqual([]);
  });

  it("is asked once by two persons at the same time, and once more when the first has ended", async () => {
    const it = await world();
    const both = await Promise.all([it.ask(ORDERS, { by: "U1" }), it.ask(ORDERS, { by: "U2" })]);
    expect(both.filter(({ answer }) => answer === "created")).toHaveLength(1);
    const first = both.find(({ answer }) => answer === "created")!.made;
    expect(both.map(({ answer }) => answer)).toContainEqual(expect.objectContaining({ by: first.by }));
    await it.pass();
    // A pass that was slow says nothing about what was asked later.
    const { answer, made } = await it.ask(ORDERS, { by: "U2" });
    expect(answer).toBe("created");
    await it.store.keepAsk({ ...first, at: "2020-01-01T00:00:00.000Z" }, { state: "lapsed" });
    expect((await it.store.readJob(it.job.jobId))!.asks).toEqual([made]);
  });

  it("outlives an outage of an hour, and a pass that dies between GitHub's yes and its own row", async () => {
    const it = await world();
    await it.ask(ORDERS);
    it.github.says = () => new Error("503");
    for (let minute = 0; minute < 60; minute += 1) expect(await it.pass()).toEqual([[ORDERS]]);
    expect(await it.stands()).toEqual({ [ORDERS]: "waiting" });
    it.github.says = () => ({ state: "done" });
    const keepAsk = it.store.keepAsk;
    it.store.keepAsk = async () => {
      throw new Error("killed");
    };
    await it.pass();
    it.store.keepAsk = keepAsk;
    await it.pass();
    expect(await it.stands()).toEqual({ [ORDERS]: "done" });
  });

  it("keeps an order: later ones wait, go on when the earlier is merged, and lapse when it is not to be", async () => {
    const it = await world();
    await it.ask(LEDGER);
    await it.ask(ORDERS, { after: [LEDGER] });
    await it.ask(GATEWAY, { after: [LEDGER, ORDERS] });
    it.github.says = ({ repository }) => ({ state: repository === LEDGER ? "waiting" : "done" });
    expect(await it.pass()).toEqual([[LEDGER]]);
    // A person has merged it on GitHub.
    await it.status(LEDGER, { state: "merged", by: "ada" });
    it.github.says = () => ({ state: "done" });
    expect(await it.pass()).toEqual([[LEDGER], [ORDERS], [GATEWAY]]);

    const other = await world();
    await other.ask(LEDGER);
    await other.ask(ORDERS, { after: [LEDGER] });
    await other.ask(GATEWAY, { after: [LEDGER, ORDERS] });
    other.github.says = () => ({ state: "lapsed", reason: because("merge-moved", "acme/ledger#1") });
    expect(await other.pass()).toEqual([[LEDGER], [ORDERS, "merge-order"], [GATEWAY, "merge-order"]]);
    expect(await other.stands()).toEqual({
      [LEDGER]: "merge-moved",
      [ORDERS]: "merge-order",
      [GATEWAY]: "merge-order",
    });
  });

  it("opens reverts in their order, and the next one also when one could not be opened", async () => {
    const it = await world();
    await it.ask(LEDGER, { kind: "revert" });
    await it.ask(ORDERS, { kind: "revert", after: [LEDGER] });
    it.github.says = () => new Error("503");
    expect(await it.pass()).toEqual([[LEDGER]]);
    it.github.says = () => ({ state: "lapsed", reason: because("revert-unmerged", "acme/ledger#1") });
    expect(await it.pass()).toEqual([[LEDGER], [ORDERS]]);
  });

  it("lapses with a sentence: taken back, another pull request by now, a week gone by", async () => {
    const it = await world();
    it.github.says = () => ({ state: "waiting" });
    const { made } = await it.ask(ORDERS);
    await it.ask(LEDGER, { number: 7 });
    expect(await it.store.stopAsk(made, { by: "U2" })).toBe("stopped");
    expect((await it.pass()).toSorted()).toEqual([
      [LEDGER, "merge-another"],
      [ORDERS, "merge-stopped"],
    ]);
    expect(await it.store.stopAsk(made, { by: "U2" })).toBe("ended");
    await it.ask(GATEWAY);
    await it.pass();
    it.clock.now += 7 * 24 * 60 * MINUTE;
    expect(await it.pass()).toEqual([[GATEWAY, "merge-expired"]]);
    expect((await it.store.readJob(it.job.jobId))!.asks).toHaveLength(3);
  });

  it("waits a little for checks where there are none yet, and looks at once at what has moved or gone", async () => {
    const it = await world();
    await it.status(ORDERS, { checks: "none" });
    await it.ask(ORDERS);
    it.clock.now -= MINUTE;
    expect(await it.pass()).toEqual([]);
    await it.status(ORDERS, { checks: "none", head: "b" });
    it.clock.now -= MINUTE;
    expect(await it.pass()).toEqual([[ORDERS]]);
  });

  it("waits for the checks of a commit that a person has just pushed, however long ago the run ended", async () => {
    const it = await world();
    it.clock.now += 60 * MINUTE;
    await it.status(ORDERS, { checks: "none" });
    await it.ask(ORDERS);
    expect(await it.pass()).toEqual([]);
    expect(await it.pass()).toEqual([[ORDERS]]);
  });

  it("of a job whose rows cannot be read keeps no other job waiting", async () => {
    const it = await world();
    await it.store.insertAsk(anAsk({ jobId: "j0000000000000000", at: AT }));
    await it.ask(ORDERS);
    const { readJob } = it.store;
    it.store.readJob = (jobId) =>
      jobId === it.job.jobId ? readJob(jobId) : Promise.reject(new Error("It cannot be read."));
    expect(await it.pass()).toEqual([[ORDERS]]);
  });

  it("lets the watcher look soon, also at what has been quiet for long", async () => {
    const it = await world([ORDERS]);
    it.clock.now += MINUTE;
    const due = async () => {
      const found = [];
      for await (const watches of it.store.dueWatches()) found.push(...watches);
      return found;
    };
    const [watch] = await due();
    const nextAt = new Date(it.clock.now + 60 * MINUTE).toISOString();
    await it.store.keepLook(watch!, {
      seen: aStatus({ checks: "passed" }),
      commentsUpTo: undefined,
      movedAt: AT,
      nextAt,
    });
    it.clock.now += MINUTE;
    expect(await due()).toEqual([]);
    await it.ask(ORDERS);
    await it.pass();
    it.clock.now += 1;
    expect(await due()).toHaveLength(1);
  });
});
