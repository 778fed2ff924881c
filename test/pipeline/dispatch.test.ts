import { describe, expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import type { RepoRunState } from "../../packages/jobs/states.ts";
import { cancelWaiting, type DispatchDeps, dispatch, requestFirstRound } from "../../packages/pipeline/dispatch.ts";
import { aNewJob, aRunOf } from "../builders.ts";

const job = aNewJob();
const first = firstRound(job);

/** `rounds`: as the first read finds them; `meanwhile`: the round that another delivery has put by then. */
function deliver(rounds: Round[], meanwhile?: Round) {
  const did: string[] = [];
  let stored = rounds;
  const deps: DispatchDeps = {
    async readJob() {
      did.push("read");
      const record: JobRecord = { job, rounds: stored, runs: [] };
      if (meanwhile) stored = [meanwhile];
      return record;
    },
    async insertRound(round) {
      if (stored.length > 0) return "exists";
      stored = [round];
      did.push("insert");
      return "created";
    },
    startExecution: async () => {
      did.push("start");
      return "arn";
    },
    markRoundFinished: async () => void did.push("finish"),
    markRoundStarted: async () => void did.push("mark"),
    markFirstRoundRequested: async () => void did.push("done"),
    moveRun: async () => undefined,
  };
  return requestFirstRound(deps, job.jobId).then(() => did);
}

describe("a new job's first round", () => {
  const started = { ...first, startedAt: job.createdAt };
  const ended = { ...first, finishedAt: job.createdAt };
  it.each<[string, Round[], Round | undefined, string[]]>([
    ["is put and started on one read of the job", [], undefined, ["read", "insert", "start", "mark", "done"]],
    ["that stands there unstarted is started", [first], undefined, ["read", "start", "mark", "done"]],
    ["that was started stays", [started], undefined, ["read", "done"]],
    ["that has ended stays, although nothing noted its start", [ended], undefined, ["read", "done"]],
    ["that another delivery put meanwhile is looked at again", [], first, ["read", "read", "start", "mark", "done"]],
    ["that another delivery started meanwhile stays", [], started, ["read", "read", "done"]],
  ])("%s", async (_, rounds, meanwhile, did) => {
    expect(await deliver(rounds, meanwhile)).toEqual(did);
  });
});

describe("a queued follow-up", () => {
  const queued: Round = { ...first, round: 2, kind: "refine", repositories: ["acme/orders"], queued: true };
  const ended = { ...first, finishedAt: job.createdAt };
  const change = { jobId: job.jobId, inserted: false, sequenceNumber: "1", row: "round", round: 1 } as const;

  async function deliverEnd(state: RepoRunState, rows: Round[]) {
    const did: string[] = [];
    const runs = [aRunOf(job, { repository: "acme/orders", state })];
    const deps = {
      readJob: async () => ({ job, rounds: rows, runs }),
      startExecution: async ({ round }) => `arn ${round}`,
      markRoundStarted: async ({ round }, arn) => void did.push(`started ${round} ${arn}`),
      markRoundFinished: async ({ round }) => void did.push(`finished ${round}`),
    } as Partial<DispatchDeps> as DispatchDeps;
    await dispatch(deps, change);
    return did;
  }

  it.each<[string, RepoRunState, Round[], string[]]>([
    ["waits while its repository is busy", "working", [first, queued], []],
    ["begins when that has ended", "published", [ended, queued], ["started 2 arn 2"]],
    ["never begins where it was cancelled", "cancelled", [ended, queued], ["finished 2"]],
    ["begins once", "published", [ended, { ...queued, startedAt: job.createdAt }], []],
    ["is finished once", "cancelled", [ended, { ...queued, finishedAt: job.createdAt }], []],
    ["is the only round that such a change starts", "published", [ended, { ...queued, queued: undefined }], []],
  ])("%s", async (_, state, rounds, did) => {
    expect(await deliverEnd(state, rounds)).toEqual(did);
  });
});

describe("a cancel", () => {
  it("moves the runs that wait for a person; the others hear of it from their runners, or began after it", async () => {
    const states = {
      "acme/waits": "awaiting-approval",
      "acme/works": "working",
      "acme/later": "awaiting-approval",
    } as const;
    const cancelled = {
      ...job,
      repositories: Object.keys(states),
      cancel: { "*": { by: "U1", at: job.createdAt, round: 1 } },
    };
    const runs = Object.entries(states).map(([repository, state]) =>
      aRunOf(job, { repository, state, round: repository === "acme/later" ? 2 : 1 }),
    );
    const moved: unknown[] = [];
    const deps = {
      readJob: async () => ({ job: cancelled, rounds: [first], runs }),
      moveRun: async (...asked: unknown[]) => void moved.push(asked),
    } as Partial<DispatchDeps> as DispatchDeps;
    await cancelWaiting(deps, job.jobId);
    const ref = { jobId: job.jobId, round: 1, repository: "acme/waits" };
    expect(moved).toEqual([[ref, ["awaiting-approval"], expect.objectContaining({ state: "cancelled" })]]);
  });
});
