import type { z } from "zod";
import type { PullRequest } from "./pull-request.ts";
import type { PullRequestState, PullRequestStatus } from "./pull-request-status.ts";
import { RepoRun } from "./repo-run.ts";
import { costOfRun } from "./run-costs.ts";
import { followedStatusOf } from "./run-pull-request.ts";

/** What the figures of a month need of a run's row. */
export const NumberedRun = RepoRun.pick({
  jobId: true,
  repository: true,
  state: true,
  spendUsd: true,
  lost: true,
  asking: true,
  scripted: true,
  pullRequest: true,
  pullRequestStatus: true,
  leftBehind: true,
});
export type NumberedRun = z.infer<typeof NumberedRun>;

/** A pull request that a run opened. Times are known where GitHub was asked about it. */
export type CountedPull = {
  number: number;
  url: string;
  state: PullRequestState;
  /** Merged as we pushed it: the newest commit then was ours. */
  unchanged: boolean;
  openedAt?: string | undefined;
  mergedAt?: string | undefined;
};

const HOUR_MS = 60 * 60_000;

function counted(
  { number, url, commit }: PullRequest,
  state: PullRequestState,
  status: PullRequestStatus | undefined,
): CountedPull {
  const isIts = status?.number === number;
  return {
    number,
    url,
    state,
    unchanged: state === "merged" && isIts && status.head === commit,
    ...(isIts && { openedAt: status.openedAt, mergedAt: status.mergedAt }),
  };
}

/** All of a run, oldest first: a follow-up after a merge opens another one. */
export function pullsOf(run: NumberedRun): CountedPull[] {
  const earlier = (run.leftBehind ?? []).map(({ pullRequest, state, status }) => counted(pullRequest, state, status));
  const { pullRequest } = run;
  if (!pullRequest) return earlier;
  const status = followedStatusOf(run);
  const state = pullRequest.closed ? "closed" : (status?.state ?? "open");
  return [...earlier, counted(pullRequest, state, status)];
}

export const hoursToMerge = ({ openedAt, mergedAt }: CountedPull): number | undefined =>
  openedAt === undefined || mergedAt === undefined
    ? undefined
    : Math.max(0, (Date.parse(mergedAt) - Date.parse(openedAt)) / HOUR_MS);

export type Figures = {
  opened: number;
  merged: number;
  unchanged: number;
  closed: number;
  /** US dollars for all of it, also for what came to no pull request. */
  spentUsd: number;
  /** Some of it has no known price. */
  isAtLeast: boolean;
  isSimulated: boolean;
  /** The median, from opening to merge. Absent: no such time is known. */
  hours?: number | undefined;
};

function middleOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** Pure: what these runs came to. */
export function figuresOf(runs: readonly NumberedRun[]): Figures {
  const pulls = runs.flatMap(pullsOf);
  const merged = pulls.filter(({ state }) => state === "merged");
  return {
    opened: pulls.length,
    merged: merged.length,
    unchanged: merged.filter(({ unchanged }) => unchanged).length,
    closed: pulls.filter(({ state }) => state === "closed").length,
    spentUsd: runs.reduce((sum, run) => sum + costOfRun(run), 0),
    isAtLeast: runs.some(({ spendUsd }) => spendUsd === null),
    isSimulated: runs.some(({ scripted }) => scripted),
    hours: middleOf(merged.flatMap((pull) => hoursToMerge(pull) ?? [])),
  };
}

/** US dollars for each merged one: all that was spent counts. undefined: none is merged. */
export const usdPerMerged = ({ spentUsd, merged }: Figures): number | undefined =>
  merged === 0 ? undefined : spentUsd / merged;
