import { expect, it } from "vitest";
import { type RepoRun, workedMs } from "../../packages/jobs/repo-run.ts";
import { openedRun } from "../../packages/pipeline/opening.ts";
import { jobMs, usefulMs } from "../../packages/views/history/outcomes.ts";
import { aJob, aPatch, aStartedRun, later } from "../builders.ts";

const DAY = 86_400;
const waited = aStartedRun({
  state: "awaiting-approval",
  startedAt: later(0),
  restedAt: later(4),
  updatedAt: later(4),
  ending: "changed",
  patch: aPatch(),
});

it.each<[string, RepoRun, number]>([
  ["while it works", aStartedRun({ startedAt: later(2), updatedAt: later(50) }), 48],
  ["while a person thinks about it", { ...waited, updatedAt: later(DAY) }, 4],
  ["rejected a day later", { ...waited, state: "cancelled", endedAt: later(DAY), updatedAt: later(DAY) }, 4],
  ["in a later round that has not begun", { ...waited, workedMs: 9_000, startedAt: undefined }, 9],
  ["a row of an earlier release", aStartedRun({ state: "failed", startedAt: later(0), endedAt: later(7) }), 7],
])("time of work: %s", (_, run, seconds) => {
  expect(workedMs(run)).toBe(seconds * 1_000);
});

it("never jumps back from one round to the next", () => {
  const job = aJob();
  const base = { baseBranch: "main", baseCommit: "1".repeat(40) };
  for (const kind of ["publish", "refine", "retry"] as const) {
    const previous: RepoRun = kind === "retry" ? { ...waited, state: "failed", ending: "failed" } : waited;
    const round = {
      jobId: job.jobId,
      round: 2,
      kind,
      repositories: job.repositories,
      requestedBy: "U1",
      requestedAt: later(DAY),
    };
    const next = openedRun({ job, round, repository: "acme/orders", previous, at: later(DAY) }, { ok: true, ...base });
    expect(workedMs(next), kind).toBe(4_000);
    expect(workedMs({ ...next, startedAt: later(DAY), updatedAt: later(DAY + 3) }), kind).toBe(7_000);
  }
});

it("a median counts what came to something, by the work on it", () => {
  const job = aJob({ repositories: ["acme/orders", "acme/shop"] });
  const good = aStartedRun({ state: "unchanged", startedAt: later(0), restedAt: later(30) });
  const bad = aStartedRun({ state: "failed", repository: "acme/shop", startedAt: later(0), restedAt: later(90) });
  expect([jobMs({ job, runs: [good, bad] }), usefulMs({ job, runs: [good, bad] })]).toEqual([90_000, 30_000]);
  expect(usefulMs({ job, runs: [bad, bad] })).toBeUndefined();
  expect(jobMs({ job, runs: [good] })).toBeUndefined();
});
