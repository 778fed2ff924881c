import { z } from "zod";
import { JobId, RepositoryName, ScheduleId } from "./ids.ts";
import { type Job, JobOptions, MAX_COST_LIMIT_USD, Prompt, Repositories, Timestamp } from "./job.ts";
import { Reason } from "./reasons.ts";
import type { RepoRun } from "./repo-run.ts";
import { Rhythm } from "./rhythm.ts";
import { costOfRun } from "./run-costs.ts";
import { hasEnded } from "./states.ts";
import { TemplateName } from "./team.ts";

const MAX_MONTHLY_USD = 10 * MAX_COST_LIMIT_USD;

export const MonthlyLimitUsd = z
  .number({ error: "The limit a month is a number of dollars, for example 20." })
  .positive("The limit a month must be above $0.")
  .max(MAX_MONTHLY_USD, `The limit a month can be at most $${MAX_MONTHLY_USD.toLocaleString("en")}.`);

/** How many jobs may wait to be counted as done or failed. */
const MAX_UNSETTLED = 20;

/**
 * Row `TEAM#id / SCHEDULE#id`: a saved job that runs at a time, as it was saved when a person scheduled it: no other
 * person changes what runs with their rights.
 */
export const Schedule = z.object({
  scheduleId: ScheduleId,
  teamId: z.string().min(1),
  /** Its owner: for whom it runs. */
  userId: z.string().min(1),
  /** Where its cards belong. */
  channelId: z.string().min(1),
  /** The name of the saved job. */
  name: TemplateName,
  prompt: Prompt,
  repositories: Repositories,
  options: JobOptions,
  rhythm: Rhythm,
  /** US dollars a calendar month (UTC), over all of its jobs. */
  monthlyLimitUsd: MonthlyLimitUsd,
  createdAt: Timestamp,
  /** The next planned time; absent while it is paused. */
  nextAt: Timestamp.optional(),
  /** A person wants it to run at once: when that was. */
  nowAt: Timestamp.optional(),
  /** When its unsettled jobs are looked at again. */
  lookAt: Timestamp.optional(),
  /** `by` a person, or for a reason. */
  paused: z.object({ at: Timestamp, by: z.string().optional(), reason: Reason.optional() }).optional(),
  /** Jobs in a row that failed. */
  failures: z.number().int().nonnegative().default(0),
  /** Oldest first: jobs whose end has not been counted. */
  unsettled: z.array(JobId).max(MAX_UNSETTLED).default([]),
  /** What came of the last planned time: a job, or why there is none. */
  last: z.object({ plannedAt: Timestamp, jobId: JobId.optional(), reason: Reason.optional() }).optional(),
  /** The last job in each repository. */
  lastJobs: z.record(RepositoryName, JobId).default({}),
});
export type Schedule = z.infer<typeof Schedule>;

/** What a write changes; undefined takes an attribute away. */
export type ScheduleChange = { [Name in keyof Schedule]?: Schedule[Name] | undefined };

/** When it has to be looked at; undefined: not before a person does something. */
export const dueAt = ({ nextAt, nowAt, lookAt }: Pick<Schedule, "nextAt" | "nowAt" | "lookAt">): string | undefined =>
  [nextAt, nowAt, lookAt].filter((at) => at !== undefined).toSorted()[0];

/**
 * Pure: what a job counts in its schedule's month: what it cost, and while it runs all that it may cost. A limit that a
 * person raised since counts by what is spent of it.
 */
export function countedUsd(job: Pick<Job, "options" | "repositories">, runs: readonly RepoRun[]): number {
  const spent = runs.reduce((sum, run) => sum + costOfRun(run), 0);
  const isOver = job.repositories.every((name) => runs.some((run) => run.repository === name && hasEnded(run.state)));
  return isOver ? spent : Math.max(spent, job.options.capUsd);
}

/** Three runs of $1.10 are 3.3000000000000003 in binary, and fit in $3.30. */
const ROUNDING_USD = 1e-6;

/** Pure: a limit over several jobs is a reservation. One more job starts while all that it may cost is left. */
export const hasRoom = (limitUsd: number, { counted, asks }: { counted: number; asks: number }) =>
  counted + asks <= limitUsd + ROUNDING_USD;
