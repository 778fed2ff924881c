import { z } from "zod";
import { PullRequestStatus } from "./pull-request-status.ts";

export const PullRequest = z.object({
  number: z.number().int().positive(),
  url: z.url(),
  draft: z.boolean(),
  branch: z.string(),
  commit: z.string(),
  /** By which GitHub's GraphQL API knows it; rows of earlier releases have none. */
  nodeId: z.string().optional(),
  /** The tree that was published. Rows of earlier releases do not tell. */
  treeId: z.string().optional(),
  /** Closed by us, because a later round found that nothing is needed. */
  closed: z.boolean().optional(),
});
export type PullRequest = z.infer<typeof PullRequest>;

/** A pull request that was merged or closed before `round`, which therefore opens another one. */
export const LeftBehind = z.object({
  round: z.number().int().positive(),
  state: z.enum(["closed", "merged"]),
  pullRequest: PullRequest,
  /** How it stood when GitHub was last asked. Absent where that is not known, and on rows of earlier releases. */
  status: PullRequestStatus.optional(),
});
export type LeftBehind = z.infer<typeof LeftBehind>;
