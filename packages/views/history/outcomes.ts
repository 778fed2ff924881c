import type { Job } from "../../jobs/job.ts";
import { costOfRun, lostOf, type RepoRun } from "../../jobs/repo-run.ts";
import {
  hasEnded,
  isAtRest,
  type RepoRunState,
  STATES,
  SUMMARY,
  TERMINAL_STATES,
  waitsForPerson,
} from "../../jobs/states.ts";
import { addCost, type Lost } from "../../jobs/usage.ts";
import { firstLine } from "../../text/lines.ts";
import { dollars } from "../../text/money.ts";
import { clipToSize } from "../size.ts";
import { LIMITS, readable } from "../text.ts";

/** The first line of what was asked for. */
export const jobTitle = ({ prompt }: Job) => clipToSize(readable(firstLine(prompt)), LIMITS.header);

/** A job as lists show it: its row and what is known of its repositories. */
export type ListedJob = { job: Job; runs: RepoRun[] };

/** By which Home filters; the two that are no state of a run come first. Stored beside the view. */
export type JobState = "running" | "waiting" | RepoRunState;
export const JOB_STATES: readonly JobState[] = ["running", "waiting", ...TERMINAL_STATES];

export function jobStateWords(state: JobState): string {
  if (state === "running") return "Running";
  return STATES[state === "waiting" ? "awaiting-approval" : state].summary?.filter ?? state;
}

const isRunning = ({ job, runs }: ListedJob) =>
  runs.length < job.repositories.length || runs.some((run) => !isAtRest(run.state));

/** A job is in every state that one of its repositories is in. */
export function isInState(listed: ListedJob, state: JobState): boolean {
  if (state === "running") return isRunning(listed);
  if (state === "waiting") return listed.runs.some((run) => waitsForPerson(run.state));
  return listed.runs.some((run) => run.state === state);
}

/** "2 pull requests, 1 unchanged", with what still runs in front. */
export function outcomeWords({ job, runs }: ListedJob): string {
  const running = job.repositories.length - runs.filter((run) => isAtRest(run.state)).length;
  return [
    ...(running > 0 ? [`${running} running`] : []),
    ...SUMMARY.flatMap(({ state, counted }) => {
      const count = runs.filter((run) => run.state === state).length;
      return count > 0 ? [counted(count)] : [];
    }),
  ].join(", ");
}

export function spendWords(runs: readonly RepoRun[]): string {
  const known = runs.reduce((sum, run) => sum + costOfRun(run), 0);
  const unpriced = runs.some((run) => run.spendUsd === null);
  const scripted = runs.some((run) => run.scripted);
  const estimated = runs.some((run) => lostOf(run));
  return `${unpriced ? "at least " : estimated ? "about " : ""}${dollars(known)}${scripted ? " (simulated)" : ""}`;
}

/** What was lost in all of them together. */
export function lostIn(runs: readonly RepoRun[]): Lost | undefined {
  const all = runs.flatMap((run) => lostOf(run) ?? []);
  return all.reduce<Lost | undefined>(
    (sum, { turns, usd }) => ({ turns: (sum?.turns ?? 0) + turns, usd: addCost(sum ? sum.usd : 0, usd) }),
    undefined,
  );
}

/** From submit to the last end, in ms; undefined while something runs or waits. */
export function jobMs({ job, runs }: ListedJob): number | undefined {
  if (runs.length < job.repositories.length || !runs.every((run) => hasEnded(run.state) && run.endedAt))
    return undefined;
  return Math.max(...runs.map((run) => Date.parse(run.endedAt!))) - Date.parse(job.createdAt);
}
