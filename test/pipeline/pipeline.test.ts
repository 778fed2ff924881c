import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { nextRound } from "../../packages/jobs/offers.ts";
import { aJob, JOB_ID } from "../builders.ts";
import {
  BASE,
  changes,
  NEWER_BASE,
  patchOf,
  publishes,
  startWorld,
  type World,
  type WorldOptions,
  works,
} from "./world.ts";

let world: World | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});
const start = async (options?: WorldOptions) => {
  world = await startWorld(options);
  return world;
};

const FIVE = ["acme/a", "acme/b", "acme/c", "acme/d", "acme/e"];
const statesOf = ({ runs }: JobRecord) => Object.fromEntries(runs.map((run) => [run.repository, run.state]));
const by = { by: "U1", at: "2026-11-22T11:00:00.000Z" };
const REVIEW = { delivery: "review-first" as const, model: "claude-haiku-5-5", capUsd: 5 };

describe("a job, from its row to its end", () => {
  it("brings every repository to its own ending; one round, one execution, nothing left on the sweeper's list", async () => {
    const world = await start({
      work: (attempt) => {
        const endings = {
          "acme/b": works(() => ({ ending: "unchanged" })),
          "acme/c": works(() => ({ ending: "failed", reason: REASON })),
          "acme/d": works((ref) => ({ ending: "partial", patch: patchOf(ref), reason: REASON })),
          "acme/e": works((ref) => ({ ending: "changed", patch: patchOf(ref), patchOnly: REASON })),
        };
        return (endings[attempt.ref.repository as keyof typeof endings] ?? changes)(attempt);
      },
    });
    const job = aJob({ repositories: FIVE });
    await world.store.insertJob(job);
    const record = await world.finished(job.jobId, 1);
    expect(statesOf(record)).toEqual({
      "acme/a": "published",
      "acme/b": "unchanged",
      "acme/c": "failed",
      "acme/d": "patch-ready",
      "acme/e": "patch-ready",
    });
    expect(record.runs.map((run) => run.reason?.code)).toEqual([undefined, undefined, "test", "test", "test"]);
    expect(record.runs.every((run) => run.baseCommit === BASE && run.endedAt)).toBe(true);
    expect(record.rounds).toMatchObject([
      { round: 1, kind: "first", executionArn: expect.stringContaining(`${job.jobId}-r1`) },
    ]);
    expect(world.tasks.filter((task) => task.startsWith("publish"))).toEqual(["publish acme/a r1"]);
    expect(await world.sweep()).toEqual({ looked: 0, failed: 0 });
  });

  it("names every repository that cannot be worked on before any runner starts for it; the good ones go on", async () => {
    const world = await start({
      inspect: async (repository) => {
        if (repository === "acme/c") throw new Error("socket hang up");
        if (repository === "acme/b") return { ok: false, reason: REASON };
        return { ok: true, baseBranch: "main", baseCommit: BASE };
      },
    });
    const job = aJob({ repositories: ["acme/a", "acme/b", "acme/c"] });
    await world.store.insertJob(job);
    const record = await world.finished(job.jobId, 1);
    expect(statesOf(record)).toEqual({ "acme/a": "published", "acme/b": "failed", "acme/c": "failed" });
    expect(record.runs[2]!.reason).toMatchObject({
      code: "github",
      message: expect.stringContaining("socket hang up"),
    });
    expect(world.tasks).toEqual(["work acme/a r1", "publish acme/a r1"]);
  });

  it("four good repositories and a bad one give four pull requests", async () => {
    const good = ["acme/a", "acme/c", "acme/d", "acme/e"];
    const world = await start({
      inspect: async (repository) =>
        good.includes(repository) ? { ok: true, baseBranch: "main", baseCommit: BASE } : { ok: false, reason: REASON },
    });
    const job = aJob({ repositories: ["acme/a", "acme/b", "acme/c", "acme/d", "acme/e"] });
    await world.store.insertJob(job);
    const { runs } = await world.finished(job.jobId, 1);
    expect(runs.filter(({ pullRequest }) => pullRequest).map(({ repository }) => repository)).toEqual(good);
    expect(runs[1]).toMatchObject({ state: "failed", reason: REASON, turns: 0 });
  });

  it("leaves the patch where only patches are wanted", async () => {
    const world = await start();
    const job = aJob({ options: { ...REVIEW, delivery: "patch-only" } });
    await world.store.insertJob(job);
    expect((await world.finished(job.jobId, 1)).runs[0]).toMatchObject({ state: "patch-ready", ending: "changed" });
    expect(world.tasks).toEqual(["work acme/orders r1"]);
  });
});

describe("what happens to a runner", () => {
  it("RunTask throttled twice: the run does not notice", async () => {
    let throttled = 0;
    const world = await start({
      work: async (attempt) => {
        throttled += 1;
        if (throttled < 3) throw Object.assign(new Error("Rate exceeded"), { name: "ECS.AmazonECSException" });
        return changes(attempt);
      },
    });
    await world.store.insertJob(aJob());
    expect((await world.finished(JOB_ID, 1)).runs[0]!.state).toBe("published");
  });

  it("stopped by Spot: goes on on demand, and a reason of the past is not held against it", async () => {
    const capacities: string[] = [];
    const world = await start({
      work: async (attempt) => {
        capacities.push(attempt.capacity);
        if (attempt.capacity === "FARGATE_SPOT") {
          await attempt.store.claimRun(attempt.ref);
          return { exitCode: 143, stopCode: "SpotInterruption", stoppedReason: "Your Spot Task was interrupted." };
        }
        return changes(attempt);
      },
    });
    await world.store.insertJob(aJob());
    expect((await world.finished(JOB_ID, 1)).runs[0]).toMatchObject({ state: "published", attempt: 3 });
    expect(capacities).toEqual(["FARGATE_SPOT", "FARGATE"]);
  });

  it("dies every time: ends as failed with its exit code, and retry-failed is a second round on a newer base", async () => {
    const world = await start({ work: async () => ({ exitCode: 137 }) });
    await world.store.insertJob(aJob({ repositories: ["acme/a"] }));
    const first = await world.finished(JOB_ID, 1);
    expect(first.runs[0]!.reason).toMatchObject({
      code: "work-lost",
      message: expect.stringContaining("exit code 137"),
    });
    expect(world.tasks.length).toBe(4);

    world.acted.work = changes;
    world.acted.inspect = async () => ({ ok: true as const, baseBranch: "main", baseCommit: NEWER_BASE });
    await world.store.insertRound(nextRound(first, { kind: "retry", ...by }));
    const second = await world.finished(JOB_ID, 2);
    expect(second.runs[0]).toMatchObject({ state: "published", round: 2, baseCommit: NEWER_BASE });
    expect(second.runs[0]!.reason).toBeUndefined();
  });

  it("dies after it stored its outcome: the outcome counts", async () => {
    const world = await start({
      work: async (attempt) => {
        await changes(attempt);
        return { exitCode: 1 };
      },
    });
    await world.store.insertJob(aJob());
    expect((await world.finished(JOB_ID, 1)).runs[0]).toMatchObject({ state: "published", turns: 3 });
  });

  it("publishing dies every time: the patch is kept, and a retry publishes it without another model run", async () => {
    const world = await start({
      publish: async ({ ref, store }) => {
        const run = await store.claimRun(ref);
        await store.updateRun({ ...ref, attempt: run!.attempt }, { state: "publishing" });
        return { exitCode: 1 };
      },
    });
    await world.store.insertJob(aJob());
    const first = await world.finished(JOB_ID, 1);
    expect(first.runs[0]).toMatchObject({ state: "failed", reason: { code: "publish-lost" }, ending: "changed" });

    world.acted.publish = publishes;
    world.tasks.length = 0;
    await world.store.insertRound(nextRound(first, { kind: "retry", ...by }));
    const second = await world.finished(JOB_ID, 2);
    expect(second.runs[0]).toMatchObject({ state: "published", round: 2, patch: first.runs[0]!.patch });
    expect(world.tasks).toEqual(["publish acme/orders r2"]);
  });
});

describe("people decide", () => {
  const waiting = async (options?: WorldOptions) => {
    const world = await start(options);
    await world.store.insertJob(aJob({ options: REVIEW, repositories: ["acme/a", "acme/b"] }));
    const record = await world.finished(JOB_ID, 1);
    expect(statesOf(record)).toEqual({ "acme/a": "awaiting-approval", "acme/b": "awaiting-approval" });
    return { world, record };
  };

  it("approve one: a round of its own publishes exactly that one, the other goes on waiting", async () => {
    const { world, record } = await waiting();
    await world.store.insertRound(nextRound(record, { kind: "publish", repositories: ["acme/a"], ...by }));
    const after = await world.finished(JOB_ID, 2);
    expect(statesOf(after)).toEqual({ "acme/a": "published", "acme/b": "awaiting-approval" });
    expect(after.runs[0]).toMatchObject({ round: 2, baseCommit: BASE, turns: 3, patch: record.runs[0]!.patch });
    expect(world.tasks.at(-1)).toBe("publish acme/a r2");
  });

  it("no decision for a week: the patch is left, and only then", async () => {
    const { world } = await waiting();
    expect(await world.sweep()).toEqual({ looked: 2, failed: 0 });
    expect(statesOf((await world.store.readJob(JOB_ID))!)["acme/a"]).toBe("awaiting-approval");
    world.at(() => new Date(Date.now() + 7 * 24 * 60 * 60 * 1000));
    await world.sweep();
    const { runs } = (await world.store.readJob(JOB_ID))!;
    expect(runs.map(({ state, reason }) => [state, reason?.code])).toEqual([
      ["patch-ready", "expired"],
      ["patch-ready", "expired"],
    ]);
  });

  it("cancel while it waits: the request alone ends it", async () => {
    const { world } = await waiting();
    await world.store.requestCancel(JOB_ID, "*", { by: "U1", round: 1 });
    await expect
      .poll(async () => statesOf((await world.store.readJob(JOB_ID))!))
      .toEqual({ "acme/a": "cancelled", "acme/b": "cancelled" });
  });

  it("cancel between the work and the push: no pull request, and the patch is still there", async () => {
    const world = await start({
      work: async (attempt) => {
        await changes(attempt);
        await attempt.store.requestCancel(attempt.ref.jobId, "*", { by: "U1", round: 1 });
        return undefined;
      },
    });
    await world.store.insertJob(aJob());
    const [run] = (await world.finished(JOB_ID, 1)).runs;
    expect(run).toMatchObject({ state: "cancelled", patch: { files: 1 } });
    expect(world.tasks).toEqual(["work acme/orders r1"]);
  });

  it("cancel before Plan: nothing is looked at and nothing runs", async () => {
    const world = await start({ inspect: () => expect.unreachable("a cancelled run was inspected") });
    await world.store.insertJob(aJob({ cancel: { "*": { ...by, round: 1 } } }));
    expect((await world.finished(JOB_ID, 1)).runs[0]).toMatchObject({ state: "cancelled" });
    expect(world.tasks).toEqual([]);
  });
});

describe("whatever is lost is found", () => {
  it("a function that throws is tried again", async () => {
    const left = new Map([
      ["plan", 2],
      ["decide", 2],
      ["finish", 2],
    ]);
    const world = await start({
      sabotage(name) {
        const count = left.get(name)!;
        left.set(name, count - 1);
        if (count > 0) throw new Error("connection reset");
      },
    });
    await world.store.insertJob(aJob());
    expect((await world.finished(JOB_ID, 1)).runs[0]!.state).toBe("published");
  });

  it("Plan never works: every repository has an ending, and the execution counts as failed", async () => {
    const world = await start({
      sabotage(name) {
        if (name === "plan") throw new Error("no table");
      },
    });
    await world.store.insertJob(aJob({ repositories: FIVE }));
    const record = await world.finished(JOB_ID, 1);
    expect(record.runs.map(({ state, reason }) => [state, reason?.code])).toEqual(
      FIVE.map(() => ["failed", "work-lost"]),
    );
    await expect.poll(() => world.executions().status({ jobId: JOB_ID, round: 1 })).toBe("ended");
  });

  it("Decide never works for a run that has changed: Finish closes it with its patch", async () => {
    const world = await start({
      sabotage(name) {
        if (name === "decide") throw new Error("no table");
      },
    });
    await world.store.insertJob(aJob());
    const [run] = (await world.finished(JOB_ID, 1)).runs;
    expect(run).toMatchObject({ state: "failed", reason: { code: "publish-lost" }, patch: { files: 1 } });
  });

  it("the machine's host dies in mid-run: the sweeper starts the round again under the same name, opened rows stand", async () => {
    let alive = false;
    const world = await start({
      work: async (attempt) => {
        if (alive) return changes(attempt);
        await attempt.store.claimRun(attempt.ref);
        if (!attempt.signal.aborted) await once(attempt.signal, "abort");
        return { exitCode: 137 };
      },
    });
    await world.store.insertJob(aJob());
    await expect.poll(() => world.tasks).toEqual(["work acme/orders r1"]);
    await world.restartMachine();
    alive = true;
    world.acted.inspect = () => expect.unreachable("an opened run was inspected again");
    expect(await world.sweep()).toEqual({ looked: 1, failed: 0 });
    const record = await world.finished(JOB_ID, 1);
    expect(record.runs[0]).toMatchObject({ state: "published", attempt: 3 });
    expect(record.rounds.length).toBe(1);
  });

  it("the same rows delivered again, in any order, start nothing twice", async () => {
    const world = await start();
    await Promise.all(Array.from({ length: 20 }, () => world.store.insertJob(aJob())));
    await Promise.all([world.sweep(), world.sweep()]);
    const record = await world.finished(JOB_ID, 1);
    await world.sweep();
    expect(record.rounds.length).toBe(1);
    expect(world.tasks).toEqual(["work acme/orders r1", "publish acme/orders r1"]);
  });
});

const REASON = { code: "test", message: "Why.", nextStep: "What to do." };
