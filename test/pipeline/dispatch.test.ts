import { describe, expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import { type DispatchDeps, requestFirstRound } from "../../packages/pipeline/dispatch.ts";
import { aNewJob } from "../builders.ts";

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
    markRoundStarted: async () => void did.push("mark"),
    markFirstRoundRequested: async () => void did.push("done"),
    moveRun: async () => undefined,
  };
  return requestFirstRound(deps, job.jobId).then(() => did);
}

describe("a new job's first round", () => {
  const started = { ...first, startedAt: job.createdAt };
  it.each<[string, Round[], Round | undefined, string[]]>([
    ["is put and started on one read of the job", [], undefined, ["read", "insert", "start", "mark", "done"]],
    ["that stands there unstarted is started", [first], undefined, ["read", "start", "mark", "done"]],
    ["that was started stays", [started], undefined, ["read", "done"]],
    ["that another delivery put meanwhile is looked at again", [], first, ["read", "read", "start", "mark", "done"]],
    ["that another delivery started meanwhile stays", [], started, ["read", "read", "done"]],
  ])("%s", async (_, rounds, meanwhile, did) => {
    expect(await deliver(rounds, meanwhile)).toEqual(did);
  });
});
