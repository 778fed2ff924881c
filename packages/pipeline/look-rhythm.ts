import type { PullRequestStatus } from "../jobs/pull-request-status.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** So long after a change something else is likely to follow: a check starts, GitHub works out a merge. */
const JUST_MOVED = 15 * MINUTE;
/** Checks that run longer are stuck, and cost as much as what is quiet. */
const CHECKS_RUN = 2 * HOUR;
/** A person may reopen what was closed; a repository may come back into reach. */
const CLOSED_FOR = DAY;
const GONE_FOR = 7 * DAY;

/**
 * Pure: when the next look is due; undefined: never. At round times, so that those which are quiet share their calls.
 * `isUnread`: what people wrote there waits for a call. Times in ms.
 */
export function nextLookAt(
  status: PullRequestStatus | undefined,
  movedAt: number,
  now: number,
  isUnread = false,
): number | undefined {
  const everyMs = isUnread ? MINUTE : nextLookMs(status, now - movedAt);
  return everyMs && (Math.floor(now / everyMs) + 1) * everyMs;
}

/**
 * Pure: how long after a look the next one is due, each minute while something moves and seldom when it is quiet.
 * `sinceMs`: how long ago it changed. undefined: it is looked at no more.
 */
export function nextLookMs(status: PullRequestStatus | undefined, sinceMs: number): number | undefined {
  if (status?.state === "merged") return undefined;
  if (status?.gone) return sinceMs < GONE_FOR ? HOUR : undefined;
  if (status?.state === "closed") return sinceMs < CLOSED_FOR ? HOUR : undefined;
  if (sinceMs < JUST_MOVED) return MINUTE;
  if (status?.checksRunning && sinceMs < CHECKS_RUN) return MINUTE;
  if (sinceMs < DAY) return 10 * MINUTE;
  return sinceMs < 14 * DAY ? HOUR : 6 * HOUR;
}
