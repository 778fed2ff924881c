import type { Job } from "../../jobs/job.ts";
import type { RepoRun } from "../../jobs/repo-run.ts";
import { hasEnded, isAtRest } from "../../jobs/states.ts";
import { OUTCOME_GROUPS } from "../reply.ts";
import { clip, firstLine, LIMITS, visible } from "../text.ts";
import { dollars } from "../words.ts";

/** The first line of what was asked for. */
export const jobTitle = ({ prompt }: Job) => clip(visible(firstLine(prompt)), LIMITS.header);

/** A job as lists show it: its row and what is known of its repositories. */
export type ListedJob = { job: Job; runs: RepoRun[] };

export const JOB_STATES = [
  "running",
  "waiting",
  "published",
  "unchanged",
  "patch-ready",
  "failed",
  "cancelled",
] as const;
export type JobState = (typeof JOB_STATES)[number];

export const JOB_STATE_WORDS: Record<JobState, string> = {
  running: "Running",
  waiting: "Waiting for approval",
  published: "With a pull request",
  unchanged: "Nothing needed",
  "patch-ready": "With a patch",
  failed: "With a failure",
  cancelled: "Cancelled",
};

const isRunning = ({ job, runs }: ListedJob) =>
  runs.length < job.repositories.length || runs.some((run) => !isAtRest(run.state));

/** A job is in every state that one of its repositories is in. */
export function isInState(listed: ListedJob, state: JobState): boolean {
  if (state === "running") return isRunning(listed);
  if (state === "waiting") return listed.runs.some((run) => run.state === "awaiting-approval");
  return listed.runs.some((run) => run.state === state);
}

/** "2 pull requests, 1 unchanged", with what still runs in front. */
export function outcomeWords({ job, runs }: ListedJob): string {
  const running = job.repositories.length - runs.filter((run) => isAtRest(run.state)).length;
  return [
    ...(running > 0 ? [`${running} running`] : []),
    ...OUTCOME_GROUPS.flatMap(([state, words]) => {
      const count = runs.filter((run) => run.state === state).length;
      return count > 0 ? [words(count)] : [];
    }),
  ].join(", ");
}

export function spendWords(runs: readonly RepoRun[]): string {
  const known = runs.reduce((sum, run) => sum + (run.spendUsd ?? 0), 0);
  const unpriced = runs.some((run) => run.spendUsd === null);
  const scripted = runs.some((run) => run.scripted);
  return `${unpriced ? "at least " : ""}${dollars(known)}${scripted ? " (simulated)" : ""}`;
}

/** From submit to the last end, in ms; undefined while something runs or waits. */
export function jobMs({ job, runs }: ListedJob): number | undefined {
  if (runs.length < job.repositories.length || !runs.every((run) => hasEnded(run.state) && run.endedAt))
    return undefined;
  return Math.max(...runs.map((run) => Date.parse(run.endedAt!))) - Date.parse(job.createdAt);
}
