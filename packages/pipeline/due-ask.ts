import type { JobRecord } from "../jobs/job-record.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { followedStatusOf } from "../jobs/run-pull-request.ts";
import { hasAskEnded, nameOfAsk, type SetAsk } from "../jobs/set-ask.ts";
import { MERGE_DAYS } from "../jobs/set-reasons.ts";

const MINUTE = 60_000;
/** Checks that a push starts show themselves within this time: without any, GitHub calls it ready at once. */
const CHECKS_APPEAR = 2 * MINUTE;
/** What our rows do not show may have been in the way: a conversation, a deployment, a rule. */
const LOOK_AGAIN = 10 * MINUTE;
const DAY = 24 * 60 * MINUTE;

/** `lapse`: it is wanted no more, and what GitHub has taken over must be undone. */
export type DueAsk = { do: "wait" } | { do: "act"; lapse?: Reason };

/**
 * Pure: whether GitHub must be asked now about what a person asked for. The rows that the watcher keeps decide, so that
 * a pull request that waits costs a call when something about it has changed and no more.
 */
export function dueAsk(record: JobRecord, ask: SetAsk, now: number): DueAsk {
  const name = nameOfAsk(ask);
  const run = record.runs.find(({ repository }) => repository === ask.repository);
  if (ask.kind === "close") return { do: "act" };
  if (ask.kind === "revert") return { do: isFirstOf(record, ask) ? "act" : "wait" };
  if (ask.stop) return { do: "act", lapse: because("merge-stopped", name) };
  if (run?.pullRequest?.number !== ask.number) return { do: "act", lapse: because("merge-another", name) };
  if (now - Date.parse(ask.at) > MERGE_DAYS * DAY) return { do: "act", lapse: because("merge-expired", name) };
  const status = followedStatusOf(run);
  const hasGone = status !== undefined && (status.state !== "open" || status.gone || status.head !== ask.head);
  if (hasGone) return { do: "act" };
  const earlier = ask.after.map((repository) => earlierOf(record, ask, repository));
  const lost = earlier.find(({ how }) => how === "lost");
  if (lost) return { do: "act", lapse: because("merge-order", name, lost.name) };
  if (earlier.some(({ how }) => how === "waits")) return { do: "wait" };
  // When a person's own commit was pushed is not known: it was there when its merge was asked for.
  const isOurs = status === undefined || status.head === run.pullRequest.commit;
  const shownMs = now - Date.parse(isOurs ? (run.restedAt ?? run.endedAt ?? run.updatedAt) : ask.at);
  if ((status?.checks ?? "none") === "none" && shownMs < CHECKS_APPEAR) return { do: "wait" };
  if (!ask.tried || ask.tried.standing !== rowStanding(run)) return { do: "act" };
  return now - Date.parse(ask.tried.at) >= LOOK_AGAIN ? { do: "act" } : { do: "wait" };
}

/** How our rows describe a pull request, as far as it decides about a merge. */
export function rowStanding(run: RepoRun | undefined): string {
  const status = run && followedStatusOf(run);
  if (!status) return "";
  const { state, head, checks, checksRunning, review, behind, draft, conflicts, autoMerge, gone } = status;
  return JSON.stringify([state, head, checks, checksRunning, review, behind, draft, conflicts, autoMerge, gone]);
}

function earlierOf({ runs, asks = [] }: JobRecord, { at }: SetAsk, repository: string) {
  const run = runs.find((one) => one.repository === repository);
  const ask = asks.find((one) => one.kind === "merge" && one.repository === repository);
  const name = ask ? nameOfAsk(ask) : repository;
  const status = run && followedStatusOf(run);
  if (ask?.state === "done" || status?.state === "merged") return { name, how: "merged" as const };
  const isLost = status?.state === "closed" || (ask && hasAskEnded(ask) && (ask.endedAt ?? "") >= at);
  return { name, how: isLost ? ("lost" as const) : ("waits" as const) };
}

/** Reverts are opened in the reverse order of merging: each when those before it are there, or are not to be. */
const isFirstOf = ({ asks = [] }: JobRecord, { after }: SetAsk) =>
  asks.every((one) => one.kind !== "revert" || !after.includes(one.repository) || hasAskEnded(one));
