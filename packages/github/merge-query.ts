import { z } from "zod";
import { Account, Mergeable, MergeStateStatus } from "./graphql-shapes.ts";

/**
 * What decides whether one pull request may be merged now, and how. `mergeStateStatus` counts all checks, also for a
 * token that may not see them; the rollup says how they stand where a rule is in the way too. https://docs.github.com/en/graphql/reference/enums#mergestatestatus
 */
export const MERGE_LOOK_QUERY = `query MergeLook($id: ID!) {
  node(id: $id) {
    __typename
    ... on PullRequest {
      id
      number
      state
      isDraft
      headRefOid
      baseRefName
      baseRef {
        name
      }
      mergeable
      mergeStateStatus
      statusCheckRollup {
        state
      }
      isMergeQueueEnabled
      isInMergeQueue
      mergedBy {
        login
      }
      autoMergeRequest {
        enabledBy {
          login
        }
      }
      repository {
        autoMergeAllowed
        mergeCommitAllowed
        squashMergeAllowed
        rebaseMergeAllowed
        viewerDefaultMergeMethod
      }
    }
  }
}`;

/** A GitHub Enterprise Server without merge queues has none of the two, and no pull request that waits in one. */
export const MERGE_LOOK_ASKED = { query: MERGE_LOOK_QUERY, mayLack: ["isMergeQueueEnabled", "isInMergeQueue"] };

/** In a merge queue the queue's own method counts, and GitHub refuses one that is named. */
export const ENABLE_AUTO_MERGE = `mutation EnableAutoMerge($id: ID!, $head: GitObjectID!, $way: PullRequestMergeMethod) {
  enablePullRequestAutoMerge(input: { pullRequestId: $id, expectedHeadOid: $head, mergeMethod: $way }) {
    clientMutationId
  }
}`;

export const DISABLE_AUTO_MERGE = `mutation DisableAutoMerge($id: ID!) {
  disablePullRequestAutoMerge(input: { pullRequestId: $id }) {
    clientMutationId
  }
}`;

export const ENQUEUE = `mutation Enqueue($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $head }) {
    clientMutationId
  }
}`;

export const DEQUEUE = `mutation Dequeue($id: ID!) {
  dequeuePullRequest(input: { id: $id }) {
    clientMutationId
  }
}`;

export const MergeMethod = z.enum(["MERGE", "SQUASH", "REBASE"]);
export type MergeMethod = z.infer<typeof MergeMethod>;

export const MergeLook = z.object({
  __typename: z.literal("PullRequest"),
  id: z.string(),
  number: z.number().int(),
  state: z.enum(["OPEN", "CLOSED", "MERGED"]),
  isDraft: z.boolean(),
  headRefOid: z.string(),
  baseRefName: z.string(),
  /** null: the branch is not there any more. */
  baseRef: z.object({ name: z.string() }).nullable(),
  mergeable: Mergeable,
  mergeStateStatus: MergeStateStatus,
  /** null without any check, and where the token may not see them. */
  statusCheckRollup: z.object({ state: z.string() }).nullable(),
  isMergeQueueEnabled: z.boolean().default(false),
  isInMergeQueue: z.boolean().default(false),
  mergedBy: Account,
  autoMergeRequest: z.object({ enabledBy: Account }).nullable().default(null),
  repository: z.object({
    autoMergeAllowed: z.boolean(),
    mergeCommitAllowed: z.boolean(),
    squashMergeAllowed: z.boolean(),
    rebaseMergeAllowed: z.boolean(),
    viewerDefaultMergeMethod: MergeMethod,
  }),
});
export type MergeLook = z.infer<typeof MergeLook>;
