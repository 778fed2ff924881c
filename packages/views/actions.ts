import { z } from "zod";
import { JobId, RepositoryName } from "../jobs/ids.ts";

/** Buttons of the card; slack/interactions listens to them. */
export const ACTIONS = {
  answerReview: "cody-answer-review",
  approve: "cody-approve",
  approveAll: "cody-approve-all",
  cancel: "cody-cancel",
  cancelOne: "cody-cancel-one",
  closePullRequest: "cody-close-pull-request",
  closeSet: "cody-close-set",
  downloadConversation: "cody-download-conversation",
  downloadPatch: "cody-download-patch",
  downloadPatches: "cody-download-patches",
  despiteSetup: "cody-despite-setup",
  fixChecks: "cody-fix-checks",
  followUp: "cody-follow-up",
  merge: "cody-merge",
  mergeOne: "cody-merge-one",
  openPullRequest: "cody-open-pull-request",
  openTranscript: "cody-open-transcript",
  raiseCap: "cody-raise-cap",
  reject: "cody-reject",
  retry: "cody-retry",
  revertSet: "cody-revert-set",
  stopMerge: "cody-stop-merge",
  review: "cody-review",
  reviewAll: "cody-review-all",
  runAgain: "cody-run-again",
} as const;

/**
 * What a button is about. `round` is the round that its card showed: a click on a card that is out of date must not
 * decide about a patch that its presser has not seen.
 */
const Target = z.object({
  jobId: JobId,
  repository: RepositoryName.optional(),
  round: z.number().int().optional(),
  /** The commit that its card showed, where that is what is decided about. */
  head: z.string().min(1).max(64).optional(),
});
export type Target = z.infer<typeof Target>;

export const targetValue = ({ jobId, repository, round, head }: Target) =>
  `${jobId} ${round ?? ""} ${repository ?? ""} ${head ?? ""}`.trim();

/** undefined: not a value that our card made. */
export function parseTarget(value: string | undefined): Target | undefined {
  const [, jobId, round, repository, head] = /^(\S+)(?: (\d+))?(?: +(\S+))?(?: ([0-9a-f]+))?$/.exec(value ?? "") ?? [];
  const target = Target.safeParse({
    jobId,
    ...(round && { round: Number(round) }),
    ...(repository && { repository }),
    ...(head && { head }),
  });
  return target.success ? target.data : undefined;
}

/**
 * An overflow option's value holds 150 characters, less than the longest name: here a repository is its place in the
 * job.
 */
export const placeValue = (jobId: string, place: number) => `${jobId} ${place}`;

export function parsePlace(value: string | undefined): { jobId: string; place: number } | undefined {
  const [, jobId, place] = /^(j[0-9a-f]{16}) (\d)$/.exec(value ?? "") ?? [];
  return jobId && place ? { jobId, place: Number(place) } : undefined;
}
