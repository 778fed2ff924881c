import { expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { nextRound } from "../../packages/jobs/offers.ts";
import { type SweepDeps, sweep } from "../../packages/pipeline/sweep.ts";
import { AT, aRecord, aStartedRun } from "../builders.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const run = aStartedRun({ state: "awaiting-approval" });
const record = aRecord([run]);
const waiting: JobRecord = { ...record, rounds: record.rounds.map((round) => ({ ...round, finishedAt: AT })) };
const approved: JobRecord = {
  ...waiting,
  rounds: [...waiting.rounds, nextRound(waiting, { kind: "publish", by: "U1", at: AT })],
};

/** Where the sweeper moves what has waited for so long. */
async function moved(record: JobRecord | undefined, days: number) {
  const to: unknown[] = [];
  const deps: Partial<SweepDeps> = {
    openItems: async function* () {
      yield { kind: "approval", run, since: AT };
    },
    readJob: async () => record,
    moveRun: async (_, from, { state }) => void to.push([from, state]),
    now: () => new Date(Date.parse(AT) + days * DAY_MS),
    report: (_, error) => to.push(error),
  };
  await sweep(deps as SweepDeps);
  return to;
}

it.each<[string, JobRecord | undefined, number, boolean]>([
  ["after a week without a decision", waiting, 7, true],
  ["not a day earlier", waiting, 6, false],
  ["not when it is decided, and only its round has not begun yet", approved, 8, false],
  ["not when its job is gone", undefined, 8, false],
])("a change that waits is left as a patch %s", async (_, record, days, wanted) => {
  expect(await moved(record, days)).toEqual(wanted ? [[["awaiting-approval"], "patch-ready"]] : []);
});
