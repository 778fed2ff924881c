import type { Job } from "../../packages/jobs/job.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import type { RepoRunState } from "../../packages/jobs/states.ts";
import { NO_USAGE } from "../../packages/jobs/usage.ts";

/** Rows as the other rooms would have written them, for tests of what people see. */
export const JOB_ID = "j0123456789abcdef";
export const AT = "2026-11-22T12:00:00.000Z";
export const later = (seconds: number) => new Date(Date.parse(AT) + seconds * 1_000).toISOString();

export const jobRow = (changes: Partial<Job> = {}): Job => ({
  jobId: JOB_ID,
  teamId: "T1",
  channelId: "C1",
  userId: "U1",
  prompt: "Raise log4j-core to at least 2.17.1",
  repositories: ["acme/orders", "acme/shop", "acme/docs"],
  options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 5 },
  createdAt: AT,
  cancel: {},
  ...changes,
});

export const runRow = (repository: string, state: RepoRunState, changes: Partial<RepoRun> = {}): RepoRun => {
  const started = state !== "queued";
  const usage = started
    ? { input: 900, cacheWrite5m: 2_100, cacheWrite1h: 0, cacheRead: 9_000, output: 1_200 }
    : NO_USAGE;
  return {
    jobId: JOB_ID,
    repository,
    teamId: "T1",
    userId: "U1",
    state,
    round: 1,
    attempt: started ? 1 : 0,
    scripted: false,
    turns: started ? 7 : 0,
    usage,
    spendUsd: started ? 0.04 : 0,
    before: { turns: 0, usage: NO_USAGE, spendUsd: 0 },
    createdAt: later(1),
    ...(started && { startedAt: later(2) }),
    updatedAt: later(50),
    ...changes,
  };
};

export const PATCH = { key: "p", bytes: 400, treeId: "0".repeat(40), files: 1, additions: 3, deletions: 3 };
export const VERDICT = {
  wereChangesNecessary: true,
  summary: "log4j-core stood at 2.14.1 through the property log4j.version; it is 2.17.1 now.",
  evidence: [{ path: "pom.xml", note: "log4j.version was 2.14.1" }],
  pullRequestTitle: "Raise log4j-core to 2.17.1",
  pullRequestBody: "Raises it.",
};
export const pullRequest = (repository: string, number: number) => ({
  number,
  url: `https://github.com/${repository}/pull/${number}`,
  draft: false,
  branch: `cody/${JOB_ID}-raise`,
  commit: "1".repeat(40),
});

export const rowsOf = (runs: RepoRun[], changes: Partial<Job> = {}, rounds?: Round[]): JobRecord => {
  const job = jobRow(changes);
  return { job, rounds: rounds ?? [firstRound(job)], runs };
};
