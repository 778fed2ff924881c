import { kindOfVerdict } from "./outcome.ts";
import { leftOpen, type Reason } from "./reasons.ts";
import type { RepoRun } from "./repo-run.ts";

/** How its pull request stood when GitHub was last asked; undefined while that is not known of this one. */
export const followedStatusOf = ({
  pullRequest,
  pullRequestStatus,
}: Pick<RepoRun, "pullRequest" | "pullRequestStatus">) =>
  pullRequest && pullRequestStatus?.number === pullRequest.number ? pullRequestStatus : undefined;

/** Neither merged nor closed, as far as is known. */
export const isOpenNow = (run: Pick<RepoRun, "pullRequest" | "pullRequestStatus">) =>
  !run.pullRequest?.closed && (followedStatusOf(run)?.state ?? "open") === "open";

/**
 * Its checks have ended and some failed, on a commit of ours: on the commit of another person Publish would add nothing.
 */
export function hasFailingChecks(run: Followed): boolean {
  const status = openOnOurs(run);
  return status?.checks === "failed" && !status.checksRunning;
}

/** People who may write wait for an answer, on a commit of ours. */
export const hasUnanswered = (run: Followed) => (openOnOurs(run)?.unanswered ?? 0) > 0;

type Followed = Pick<RepoRun, "pullRequest" | "pullRequestStatus">;
function openOnOurs(run: Followed) {
  const status = followedStatusOf(run);
  return status && !status.gone && isOpenNow(run) && status.head === run.pullRequest?.commit ? status : undefined;
}

/** What the verdict says to people, each below the comment that the round was given. */
export function owedReplies({ verdict, answering }: Pick<RepoRun, "verdict" | "answering">) {
  return (verdict?.replies ?? []).filter(({ thread }) => answering?.threads.includes(thread));
}

/** Nothing is to be pushed, and people wait for words below the pull request. */
export const owesOnlyReplies = (run: RepoRun) =>
  run.ending === "unchanged" && run.pullRequest !== undefined && !run.pullRequest.closed && owedReplies(run).length > 0;

/** Where such a run comes to rest, with its replies or without. */
export const afterReplies = (run: RepoRun) =>
  addsNothing(run) ? ({ state: "published", nothingMore: true } as const) : ({ state: "unchanged" } as const);

/** Why people may not have been told: Answer review is offered on what is published, and not on what is not needed. */
export const leftUntold = (run: RepoRun, reason: Reason): Reason =>
  afterReplies(run).state === "published" ? leftOpen(reason) : leftOpen(reason, CLOSE_OR_FOLLOW_UP);

const CLOSE_OR_FOLLOW_UP =
  "People may not have been told on GitHub: close the pull request, which says why, or follow up in the thread.";

/** A pull request for which a later round found no need any more. */
export const isStale = ({ state, patch, pullRequest }: RepoRun) =>
  state === "unchanged" && patch === undefined && pullRequest !== undefined && !pullRequest.closed;

/**
 * A limit stopped the conversation, and what is there is a finished change all the same: it was reported as one, or the
 * check passes on it. Then it becomes a draft.
 */
const isFinished = ({ verdict, verification }: RepoRun) =>
  verdict ? kindOfVerdict(verdict) === "changed" : verification?.exitCode === 0;

export const isStoppedDraft = (run: RepoRun) => run.ending === "partial" && isFinished(run);

/** What a later round came to is what its pull request already holds. */
export const addsNothing = ({ patch, pullRequest, ending }: RepoRun) =>
  (ending === "changed" || ending === "unchanged") &&
  patch !== undefined &&
  pullRequest !== undefined &&
  !pullRequest.closed &&
  pullRequest.treeId === patch.treeId;

export const needsPullRequest = (run: RepoRun) =>
  (run.ending === "changed" || isStoppedDraft(run)) && run.patch !== undefined && !run.patchOnly;
