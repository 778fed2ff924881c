import { z } from "zod";

export const PullRequestState = z.enum(["open", "closed", "merged"]);
export type PullRequestState = z.infer<typeof PullRequestState>;

/** How all checks on the newest commit stand together. `hidden`: GitHub does not show them to the token that asks. */
export const ChecksState = z.enum(["none", "pending", "passed", "failed", "hidden"]);
export type ChecksState = z.infer<typeof ChecksState>;

/** `required`: a rule of the repository asks for a review, and there is none yet. */
export const ReviewState = z.enum(["none", "required", "approved", "changes-requested"]);
export type ReviewState = z.infer<typeof ReviewState>;

/** How many failing checks and reviewers a row names, and how much of a name. */
export const MAX_NAMED = 5;
export const MAX_NAME = 100;
const Names = z.array(z.string().max(MAX_NAME)).max(MAX_NAMED);

/** How a pull request of ours stands, as GitHub told it last; on the row of its run. */
export const PullRequestStatus = z.object({
  number: z.number().int().positive(),
  state: PullRequestState,
  /** Who merged or closed it, where GitHub says so. */
  by: z.string().max(MAX_NAME).optional(),
  draft: z.boolean(),
  /** Absent on rows of earlier releases. */
  openedAt: z.iso.datetime().optional(),
  mergedAt: z.iso.datetime().optional(),
  /** Its newest commit. */
  head: z.string().max(64),
  checks: ChecksState,
  /** Some go on, whatever the others came to. */
  checksRunning: z.boolean().default(false),
  /** Failing checks by name, the first of them. */
  failed: Names.default([]),
  failedCount: z.number().int().nonnegative().default(0),
  review: ReviewState,
  /** Who approved or asked for changes, as far as it decides. */
  reviewers: Names.default([]),
  /** Comments of people who may write that wait for an answer of ours. */
  unanswered: z.number().int().nonnegative().default(0),
  /** Absent: GitHub has not worked it out. */
  conflicts: z.boolean().optional(),
  /** The rules of its base ask for a newer one first. */
  behind: z.boolean(),
  /** It merges by itself as soon as it may. */
  autoMerge: z.boolean(),
  /** Not everyone may read its repository. Absent on rows of earlier releases. */
  isPrivate: z.boolean().optional(),
  /** The name of its repository now, where that is another one than the job's. */
  movedTo: z.string().max(200).optional(),
  /** GitHub does not show it any more; the rest is what was known before. */
  gone: z.boolean().default(false),
});
export type PullRequestStatus = z.infer<typeof PullRequestStatus>;

/** What one look at GitHub gave. `unclear`: no answer about this one, and the next look may have it. */
export type PullRequestLook =
  | {
      kind: "seen";
      status: Omit<PullRequestStatus, "conflicts" | "gone" | "unanswered">;
      conflicts: boolean | undefined;
      /** Absent: what people wrote was not read, so it is as before; "later": no call was left, or GitHub failed. */
      comments?: { unanswered: number; upTo: string } | "later";
    }
  | { kind: "gone" }
  | { kind: "unclear" };

/**
 * Pure: how it stands after a look. What GitHub has not worked out stays as it was, so that a merge that is being
 * computed is never a conflict. undefined: nothing is known of it.
 */
export function statusAfter(
  before: PullRequestStatus | undefined,
  look: PullRequestLook,
): PullRequestStatus | undefined {
  if (look.kind === "unclear") return before;
  if (look.kind === "gone") return before && { ...before, gone: true };
  const conflicts = look.conflicts ?? (look.status.state === "open" ? before?.conflicts : undefined);
  const read = look.comments === "later" ? undefined : look.comments;
  const unanswered = look.status.state === "open" ? (read?.unanswered ?? before?.unanswered ?? 0) : 0;
  return { ...look.status, unanswered, gone: false, ...(conflicts !== undefined && { conflicts }) };
}
