import { describe, expect, it } from "vitest";
import { readPullRequests } from "../../packages/github/read-pull-requests.ts";
import type { Job } from "../../packages/jobs/job.ts";
import type { PullRequestLook } from "../../packages/jobs/pull-request-status.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { type WatchDeps, watchPullRequests } from "../../packages/pipeline/watch-pull-requests.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { AT, aJob, aPullRequest, aRun, aStatus } from "../builders.ts";
import { forgeWithPulls } from "../stand-ins/forge-pulls.ts";
import { clientOf, memoryTable } from "../store/memory-table.ts";

const MINUTE = 60_000;

/** A table in memory with so many published runs, each of a job of its own, and a clock that the test moves. */
async function world(count: number, nodeIdOf = (number: number) => `n${number}`) {
  const clock = { now: Date.parse(AT) };
  const table = memoryTable();
  const sent = { writes: 0, queries: 0 };
  const documents = clientOf(async (command) => {
    const name = (command as object).constructor.name;
    if (name === "UpdateCommand" || name === "PutCommand") sent.writes += 1;
    if (name === "QueryCommand") sent.queries += 1;
    return table.answer(command);
  });
  const store = createJobStore({ documents, table: "t", now: () => new Date(clock.now) });
  const runs: RepoRun[] = [];
  for (let number = 1; number <= count; number += 1) {
    const pullRequest = { ...aPullRequest("acme/app", number), nodeId: nodeIdOf(number) };
    const jobId = `j${String(number).padStart(16, "0")}`;
    const run = aRun({ jobId, repository: "acme/app", state: "published", pullRequest });
    await store.openRun(run);
    await store.watchPullRequest(run, pullRequest);
    runs.push(run);
  }
  const rowOf = async (number: number) => (await store.readRun(runs[number - 1]!))!;
  clock.now += 1;
  return { clock, store, runs, rowOf, sent };
}

type World = Awaited<ReturnType<typeof world>>;
const pass = ({ store, clock }: World, changes: Partial<WatchDeps> = {}) =>
  watchPullRequests({
    ...store,
    read: async () => ({ looks: new Map() }),
    mayCall: async () => true,
    holdCalls: async () => {},
    isOver: () => false,
    now: () => new Date(clock.now),
    ...changes,
  });
/** GitHub as a table: what a look at each number gives. */
const answering = (lookAt: (number: number) => PullRequestLook): Partial<WatchDeps> => ({
  read: async (asked) => ({ looks: new Map(asked.map(({ nodeId, number }) => [nodeId, lookAt(number)])) }),
});
const seen = (changes: Parameters<typeof aStatus>[0] = {}): PullRequestLook => ({
  kind: "seen",
  status: aStatus(changes),
  conflicts: false,
});

/** Checks that failed on the commit of the run's pull request. */
const failing = (changes: Parameters<typeof aStatus>[0] = {}) =>
  answering((number) =>
    seen({ number, head: aPullRequest("acme/app", number).commit, checks: "failed", failed: ["build"], ...changes }),
  );

describe("where the job's option has failing checks fixed, the watcher", () => {
  async function asking(options: Partial<Job["options"]> = { fixChecks: true }) {
    const it = await world(1);
    const { jobId } = it.runs[0]!;
    const job = aJob({ jobId, repositories: ["acme/app"], options: { ...aJob().options, ...options } });
    await it.store.insertJob(job);
    await it.store.insertRound({ ...firstRound(job), finishedAt: AT });
    const rounds = async () => (await it.store.readJob(jobId))!.rounds.slice(1);
    return { ...it, job, rounds };
  }
  const minuteLater = async (it: World, changes: Partial<WatchDeps>) => {
    it.clock.now += MINUTE + 1;
    await pass(it, changes);
  };

  it("asks for a round once for a commit, in the name of who chose it, and not while a check runs", async () => {
    const it = await asking();
    await pass(it, failing({ checksRunning: true }));
    expect(await it.rounds()).toEqual([]);
    await minuteLater(it, failing());
    const head = aPullRequest("acme/app", 1).commit;
    expect(await it.rounds()).toMatchObject([
      {
        round: 2,
        kind: "fix-checks",
        byItself: true,
        requestedBy: "U1",
        checks: { "acme/app": { head, failed: ["build"] } },
      },
    ]);
    await minuteLater(it, failing());
    await it.store.markRoundFinished({ jobId: it.job.jobId, round: 2 });
    await minuteLater(it, failing());
    expect(await it.rounds()).toHaveLength(1);
  });

  it("makes up at the next look for what a crash or another round came between", async () => {
    const it = await asking();
    const lost = { insertRound: async () => Promise.reject(new Error("the power fails")) };
    await expect(pass(it, { ...failing(), ...lost })).rejects.toThrow("power");
    await minuteLater(it, { ...failing(), insertRound: async () => "exists" as const });
    expect(await it.rounds()).toEqual([]);
    await minuteLater(it, failing());
    expect(await it.rounds()).toHaveLength(1);
  });

  it("asks for nothing where the option was not chosen", async () => {
    const it = await asking({});
    await pass(it, failing());
    expect(await it.rounds()).toEqual([]);
  });
});

describe("the watcher", () => {
  it("writes a change once on the row of its run, and nothing there while nothing changes", async () => {
    const it = await world(1);
    const green = answering(() => seen({ checks: "passed" }));
    expect(await pass(it, green)).toEqual({ looked: 1, changed: 1 });
    const row = await it.rowOf(1);
    expect(row.pullRequestStatus).toMatchObject({ checks: "passed", conflicts: false });
    expect(await pass(it, green)).toEqual({ looked: 0, changed: 0 });
    it.clock.now += MINUTE + 1;
    expect(await pass(it, green)).toEqual({ looked: 1, changed: 0 });
    expect(await it.rowOf(1)).toEqual(row);
    it.clock.now += MINUTE + 1;
    expect(
      await pass(
        it,
        answering(() => seen({ state: "merged", by: "ada" })),
      ),
    ).toEqual({ looked: 1, changed: 1 });
    it.clock.now += 24 * 60 * MINUTE;
    expect(await pass(it, green)).toEqual({ looked: 0, changed: 0 });
  });

  it("notes a merge while a round runs, and disturbs neither its lease nor its state", async () => {
    const it = await world(1);
    const [run] = it.runs;
    const next = await it.store.openRun({ ...run!, state: "queued", round: 2, attempt: 0 });
    const claimed = await it.store.claimRun({ ...next, round: 2 });
    await it.store.updateRun({ ...next, round: 2, attempt: claimed!.attempt }, { state: "cloning" });
    await pass(
      it,
      answering(() => seen({ state: "merged", by: "ada" })),
    );
    expect(await it.rowOf(1)).toMatchObject({
      state: "cloning",
      attempt: 1,
      pullRequestStatus: { state: "merged", by: "ada" },
    });
    await it.store.updateRun({ ...next, round: 2, attempt: 1 }, { state: "failed" });
    expect((await it.rowOf(1)).pullRequestStatus?.by).toBe("ada");
  });

  it("leaves a pull request that a round has left behind, and follows the next one", async () => {
    const it = await world(1);
    const [run] = it.runs;
    await pass(
      it,
      answering(() => seen()),
    );
    const { pullRequest, ...anew } = run!;
    const leftBehind = [{ round: 2, state: "closed" as const, pullRequest: pullRequest! }];
    await it.store.openRun({ ...anew, state: "queued", round: 2, leftBehind });
    expect(await it.rowOf(1)).not.toHaveProperty("pullRequestStatus");
    it.clock.now += 2 * MINUTE;
    expect(
      await pass(
        it,
        answering(() => seen({ state: "closed" })),
      ),
    ).toEqual({ looked: 1, changed: 0 });
    it.clock.now += 2 * 60 * MINUTE;
    expect(
      await pass(
        it,
        answering(() => seen()),
      ),
    ).toEqual({ looked: 0, changed: 0 });
    await it.store.watchPullRequest(run!, { ...pullRequest!, number: 2, nodeId: "n2" });
    it.clock.now += 1;
    expect(
      await pass(
        it,
        answering(() => seen({ number: 2 })),
      ),
    ).toMatchObject({ looked: 1 });
  });

  it("loses nothing in an hour of outage, asks once a minute then, and shows each change once afterwards", async () => {
    const it = await world(120);
    let calls = 0;
    const outage: Partial<WatchDeps> = {
      read: async () => {
        calls += 1;
        return { looks: new Map(), stopped: { why: "github", said: "503", forMs: 1_000 } };
      },
    };
    const before = it.sent.writes;
    for (let minute = 0; minute < 60; minute += 1, it.clock.now += MINUTE)
      expect(await pass(it, outage)).toMatchObject({ looked: 0, stopped: { why: "github" } });
    expect([calls, it.sent.writes - before]).toEqual([60, 0]);
    expect(
      await pass(
        it,
        answering((number) => seen({ number, checks: "passed" })),
      ),
    ).toEqual({ looked: 120, changed: 120 });
    it.clock.now += 2 * MINUTE;
    expect(
      await pass(
        it,
        answering((number) => seen({ number, checks: "passed" })),
      ),
    ).toEqual({ looked: 120, changed: 0 });
  });

  it("takes the most overdue first where its calls end, and reads by the index what is due and nothing else", async () => {
    const it = await world(250);
    const looked: number[] = [];
    const some: Partial<WatchDeps> = {
      read: async (asked) => {
        if (looked.length > 0) return { looks: new Map(), stopped: { why: "calls" } };
        looked.push(asked.length);
        return { looks: new Map(asked.map(({ nodeId, number }) => [nodeId, seen({ number })])) };
      },
    };
    expect(await pass(it, some)).toEqual({ looked: 100, changed: 100, stopped: { why: "calls" } });
    const rest: number[] = [];
    const noting = answering((number) => {
      rest.push(number);
      return seen({ number });
    });
    expect(await pass(it, noting)).toMatchObject({ looked: 150 });
    expect(Math.min(...rest)).toBe(101);
    it.sent.queries = 0;
    expect(await pass(it, noting)).toMatchObject({ looked: 0 });
    expect(it.sent.queries).toBe(1);
  });

  it("keeps what it has seen when its time is over, and reads in a minute what people wrote and no call was left for", async () => {
    const it = await world(150);
    let asked = 0;
    const slow: Partial<WatchDeps> = {
      isOver: () => asked > 0,
      read: async (due) => {
        if (asked > 0) return { looks: new Map(), stopped: { why: "calls" } };
        asked += 1;
        const look = { ...(seen() as Extract<PullRequestLook, { kind: "seen" }>), comments: "later" as const };
        return { looks: new Map(due.map(({ nodeId, number }) => [nodeId, { ...look, status: aStatus({ number }) }])) };
      },
    };
    expect(await pass(it, slow)).toEqual({ looked: 100, changed: 100, stopped: { why: "time" } });
    it.clock.now += 3 * 24 * 60 * MINUTE;
    asked = 0;
    await pass(it, slow);
    it.clock.now += MINUTE;
    const next: (string | undefined)[] = [];
    await pass(it, {
      read: async (due) => {
        next.push(...due.map(({ commentsUpTo }) => commentsUpTo));
        return { looks: new Map() };
      },
    });
    expect(next, "quiet for days, and looked at again").toEqual(Array(150).fill(undefined));
  });

  it("is not stopped by a row that cannot be read, nor by a run that is gone", async () => {
    const it = await world(2);
    await it.store.watchPullRequest(
      { jobId: "not a job", repository: "acme/app" },
      { ...aPullRequest("acme/app", 9), nodeId: "n9" },
    );
    await it.store.watchPullRequest(
      { jobId: "j00000000000000ff", repository: "acme/app" },
      { ...aPullRequest("acme/app", 3), nodeId: "n3" },
    );
    it.clock.now += 1;
    expect(
      await pass(
        it,
        answering((number) => seen({ number })),
      ),
    ).toEqual({ looked: 3, changed: 2 });
  });

  it("needs six calls for three hundred pull requests that move, and none while none is due", async () => {
    const { asked, reader, admin } = await forgeWithPulls(300);
    const it = await world(300, (number) => asked[number - 1]!.nodeId);
    const read: WatchDeps["read"] = (due, mayCall) => readPullRequests(reader, due, mayCall);
    expect(await pass(it, { read })).toEqual({ looked: 300, changed: 300 });
    expect(admin.graphql.asked).toEqual(Array(6).fill(50));
    expect(await pass(it, { read })).toEqual({ looked: 0, changed: 0 });
    it.clock.now += MINUTE + 1;
    await pass(it, { read });
    it.clock.now += MINUTE + 1;
    expect(await pass(it, { read })).toEqual({ looked: 300, changed: 0 });
    expect(admin.graphql.asked).toHaveLength(18);
  });
});
