import type { Campaign } from "../packages/jobs/campaign.ts";
import type { Job } from "../packages/jobs/job.ts";
import type { JobRecord } from "../packages/jobs/job-record.ts";
import type { PatchFacts, Verdict } from "../packages/jobs/outcome.ts";
import type { PullRequest } from "../packages/jobs/pull-request.ts";
import type { PullRequestStatus } from "../packages/jobs/pull-request-status.ts";
import type { RepoRun } from "../packages/jobs/repo-run.ts";
import { firstRound, type Round } from "../packages/jobs/round.ts";
import type { Schedule } from "../packages/jobs/schedule.ts";
import type { SetAsk } from "../packages/jobs/set-ask.ts";
import { NO_USAGE } from "../packages/jobs/usage.ts";

/** Rows as the packages write them. Each maker gives the same row every time, with what a test changes about it. */
export const JOB_ID = "j0123456789abcdef";
export const AT = "2026-11-22T12:00:00.000Z";
export const later = (seconds: number) => new Date(Date.parse(AT) + seconds * 1_000).toISOString();

export const aJob = (changes: Partial<Job> = {}): Job => ({
  jobId: JOB_ID,
  teamId: "T1",
  channelId: "C1",
  userId: "U1",
  prompt: "Raise log4j-core to at least 2.17.1",
  repositories: ["acme/orders"],
  options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 5 },
  createdAt: AT,
  cancel: {},
  ...changes,
});

const randomHex = () => crypto.randomUUID().replaceAll("-", "").slice(0, 16);

/** Every Monday at six in Berlin, for at most twenty dollars a month; it is paused unless `changes` say when it runs. */
export const aSchedule = (changes: Partial<Schedule> = {}): Schedule => ({
  scheduleId: "s0123456789abcdef",
  teamId: "T1",
  userId: "U1",
  channelId: "C1",
  name: "log4j",
  prompt: "Raise log4j-core to at least 2.17.1",
  repositories: ["acme/orders"],
  options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 5 },
  rhythm: { every: "week", weekday: "monday", at: "06:00", zone: "Europe/Berlin" },
  monthlyLimitUsd: 20,
  createdAt: AT,
  failures: 0,
  unsettled: [],
  lastJobs: {},
  ...changes,
});

export const aCampaign = (changes: Partial<Campaign> = {}): Campaign => ({
  campaignId: "c0123456789abcdef",
  teamId: "T1",
  userId: "U1",
  channelId: "C1",
  name: "log4j",
  prompt: "Raise log4j-core to at least 2.17.1",
  options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 5 },
  repositories: ["acme/a", "acme/b", "acme/c", "acme/d", "acme/e", "acme/f", "acme/g"],
  firstWave: 2,
  waveSize: 5,
  stopAfter: 2,
  costLimitUsd: 50,
  createdAt: AT,
  waves: [],
  forgiven: 0,
  counts: {},
  refused: [],
  ...changes,
});

/** For a table that tests share: a job and a team with ids of their own. */
export const aNewJob = (changes: Partial<Job> = {}): Job =>
  aJob({ jobId: `j${randomHex()}`, teamId: `T${randomHex()}`, ...changes });

const NOTHING = { turns: 0, usage: NO_USAGE, spendUsd: 0 };

/** Queued, unless `changes` say more. */
export const aRun = (changes: Partial<RepoRun> = {}): RepoRun => ({
  jobId: JOB_ID,
  repository: "acme/orders",
  teamId: "T1",
  userId: "U1",
  state: "queued",
  round: 1,
  attempt: 0,
  scripted: false,
  ...NOTHING,
  before: NOTHING,
  createdAt: AT,
  updatedAt: AT,
  ...changes,
});

export const aRunOf = ({ jobId, teamId, userId, createdAt }: Job, changes: Partial<RepoRun> = {}): RepoRun =>
  aRun({ jobId, teamId, userId, createdAt, updatedAt: createdAt, ...changes });

/** A run that has been at work: seven turns, for four cents. */
export const aStartedRun = (changes: Partial<RepoRun> = {}): RepoRun =>
  aRun({
    state: "working",
    attempt: 1,
    turns: 7,
    usage: { input: 900, cacheWrite5m: 2_100, cacheWrite1h: 0, cacheRead: 9_000, output: 1_200 },
    spendUsd: 0.04,
    createdAt: later(1),
    startedAt: later(2),
    updatedAt: later(50),
    ...changes,
  });

export const aRecord = (runs: RepoRun[], changes: Partial<Job> = {}, rounds?: Round[]): JobRecord => {
  const job = aJob({ repositories: ["acme/orders", "acme/shop", "acme/docs"], ...changes });
  return { job, rounds: rounds ?? [firstRound(job)], runs };
};

export const aPatch = (changes: Partial<PatchFacts> = {}): PatchFacts => ({
  key: "p",
  bytes: 400,
  treeId: "0".repeat(40),
  files: 1,
  additions: 3,
  deletions: 3,
  ...changes,
});

export const aVerdict = (changes: Partial<Verdict> = {}): Verdict => ({
  wereChangesNecessary: true,
  summary: "log4j-core stood at 2.14.1 through the property log4j.version; it is 2.17.1 now.",
  evidence: [{ path: "pom.xml", note: "log4j.version was 2.14.1" }],
  pullRequestTitle: "Raise log4j-core to 2.17.1",
  pullRequestBody: "Raises it.",
  ...changes,
});

export const aPullRequest = (repository: string, number: number): PullRequest => ({
  number,
  url: `https://github.com/${repository}/pull/${number}`,
  draft: false,
  branch: `cody/${JOB_ID}-raise`,
  commit: "1".repeat(40),
});

/** Open, without checks, reviews and rules, and nothing worked out yet. */
export const aStatus = (changes: Partial<PullRequestStatus> = {}): PullRequestStatus => ({
  number: 1,
  state: "open",
  draft: false,
  head: "a",
  checks: "none",
  checksRunning: false,
  failed: [],
  failedCount: 0,
  review: "none",
  reviewers: [],
  behind: false,
  autoMerge: false,
  unanswered: 0,
  gone: false,
  ...changes,
});

export const anAsk = (changes: Partial<SetAsk> = {}): SetAsk => ({
  jobId: JOB_ID,
  repository: "acme/orders",
  kind: "merge",
  number: 1,
  nodeId: "n1",
  url: "https://github.com/acme/orders/pull/1",
  branch: "cody/x",
  head: "a",
  by: "U1",
  at: AT,
  after: [],
  state: "waiting",
  ...changes,
});
