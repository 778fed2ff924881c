import type { RepoRun } from "./repo-run.ts";
import { followedStatusOf, isOpenNow } from "./run-pull-request.ts";

/** How many pull requests are opened in a repository in an hour, and stand open in it, of Cody's. */
export type OpeningLimits = { perHour: number; atOnce: number };

/** One each `everyMs`; after a quiet time `burst` of them at once. */
type OpeningRate = { everyMs: number; burst: number };

const HOUR_MS = 60 * 60_000;

/**
 * Pure: how fast further pull requests may be opened in a repository, from its newest runs. undefined: as many as may
 * are open. While checks of one of them run, half as fast: what opens next would wait behind them.
 */
export function openingRate(
  runs: readonly Pick<RepoRun, "pullRequest" | "pullRequestStatus">[],
  { perHour, atOnce }: OpeningLimits,
): OpeningRate | undefined {
  const open = runs.filter((run) => run.pullRequest !== undefined && isOpenNow(run));
  const numbers = new Set(open.map(({ pullRequest }) => pullRequest!.number));
  if (numbers.size >= atOnce) return undefined;
  const isSlow = open.some((run) => followedStatusOf(run)?.checksRunning);
  const everyMs = HOUR_MS / perHour;
  return isSlow ? { everyMs: 2 * everyMs, burst: 1 } : { everyMs, burst: perHour };
}
