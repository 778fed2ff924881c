import type { Job } from "../../jobs/job.ts";
import { spendOf } from "../../jobs/job-record.ts";
import { type RepoRun, workedMs } from "../../jobs/repo-run.ts";
import { lostOf } from "../../jobs/run-costs.ts";
import {
  ALL_STANDINGS,
  countedStandings,
  isDone,
  type RunStanding,
  runStanding,
  STANDINGS,
} from "../../jobs/standings.ts";
import { hasEnded, isAtRest } from "../../jobs/states.ts";
import { addCost, type Lost } from "../../jobs/usage.ts";
import { firstLine } from "../../text/lines.ts";
import { dollars } from "../../text/money.ts";
import { clipToSize } from "../size.ts";
import { LIMITS, readable } from "../text.ts";

/** The first line of what was asked for. */
export const jobTitle = ({ prompt }: Job) => clipToSize(readable(firstLine(prompt)), LIMITS.header);

/** A job as lists show it: its row, what is known of its repositories, and where its card is. */
export type ListedJob = { job: Job; runs: RepoRun[]; permalink?: string | undefined };

/** By which Home filters. Stored beside the view. */
export type JobState = "running" | RunStanding;
export const JOB_STATES: readonly JobState[] = ["running", ...ALL_STANDINGS];

export const jobStateWords = (state: JobState) => (state === "running" ? "Running" : STANDINGS[state].filter);

const isRunning = ({ job, runs }: ListedJob) =>
  runs.length < job.repositories.length || runs.some((run) => !isAtRest(run.state));

/** A job stands in every way in which one of its repositories does; a draft is a pull request too. */
export function isInState(listed: ListedJob, state: JobState): boolean {
  if (state === "running") return isRunning(listed);
  if (state === "published") return listed.runs.some((run) => run.state === "published");
  return listed.runs.some((run) => runStanding(run) === state);
}

/** "2 pull requests, 1 unchanged", with what still runs in front. */
export function outcomeWords({ job, runs }: ListedJob): string {
  const running = job.repositories.length - runs.filter((run) => isAtRest(run.state)).length;
  return [...(running > 0 ? [`${running} running`] : []), ...countedStandings(runs)].join(", ");
}

export function spendWords(runs: readonly RepoRun[]): string {
  const unpriced = runs.some((run) => run.spendUsd === null);
  const scripted = runs.some((run) => run.scripted);
  const estimated = runs.some((run) => lostOf(run));
  return `${unpriced ? "at least " : estimated ? "about " : ""}${dollars(spendOf({ runs }))}${scripted ? " (simulated)" : ""}`;
}

/** What was lost in all of them together. */
export function lostIn(runs: readonly RepoRun[]): Lost | undefined {
  const all = runs.flatMap((run) => lostOf(run) ?? []);
  return all.reduce<Lost | undefined>(
    (sum, { turns, usd }) => ({ turns: (sum?.turns ?? 0) + turns, usd: addCost(sum ? sum.usd : 0, usd) }),
    undefined,
  );
}

/** How long the work on these took, in ms: they run side by side. */
const longestMs = (runs: readonly RepoRun[]) => (runs.length > 0 ? Math.max(...runs.map(workedMs)) : undefined);

const hasEndedWhole = ({ job, runs }: ListedJob) =>
  runs.length === job.repositories.length && runs.every((run) => hasEnded(run.state));

/** How long the work of an ended job took; undefined while something runs or waits. */
export const jobMs = (listed: ListedJob) => (hasEndedWhole(listed) ? longestMs(listed.runs) : undefined);

/** The same for what came to something: how long one waits for a result is what a median is to tell. */
export const usefulMs = (listed: ListedJob) =>
  hasEndedWhole(listed) ? longestMs(listed.runs.filter(isDone)) : undefined;
