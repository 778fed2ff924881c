import type { Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";

/** `final`: no retry can make a pull request of this patch, a person must take it from here. */
export type Refused = { ok: false; reason: Reason; final?: boolean };

export const refused = (reason: Reason): Refused => ({ ok: false, reason });
export const refusedForGood = (reason: Reason): Refused => ({ ok: false, reason, final: true });

export const CANCELLED: Reason = {
  code: "cancelled",
  message: "Cancelled before a pull request was opened.",
  nextStep: "The patch is kept; a button on the card runs it again.",
};

export const otherTree = (run: RepoRun, treeId: string): Reason => ({
  code: "tree-mismatch",
  message: `The stored patch gives tree ${treeId.slice(0, 12)}, Work recorded ${run.patch!.treeId.slice(0, 12)}; nothing was pushed.`,
  nextStep: "Press Retry failed; if it happens again, tell whoever runs Cody.",
});

export const branchMoved = (branch: string): Reason => ({
  code: "branch-moved",
  message: `Somebody else's commit is on ${branch}, so Cody left it alone.`,
  nextStep: "Download the patch and apply it by hand, or delete that branch and retry.",
});

export const notOpenAnyMore = (number: number, state: string): Reason => ({
  code: "pull-request-closed",
  message: `Pull request #${number} was ${state} meanwhile, so nothing was added to it.`,
  nextStep: "Follow up in the thread: the next round opens a new pull request. The patch can be downloaded.",
});

/** The pull request stands on the commit that was pinned when the job began. */
export const baseMoved = ({ baseBranch }: RepoRun): Reason => ({
  code: "conflicts",
  message: `The pull request is open, but ${baseBranch} has changed since and does not merge with it.`,
  nextStep: "Merge the base branch into it by hand, or start a new job from the newest commit.",
});
