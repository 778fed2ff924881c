import { z } from "zod";
import { Account, knownValue, Mergeable, MergeStateStatus, nodesOf } from "./graphql-shapes.ts";

/** So many checks of a commit are named; how all of them stand together is told by the rollup. */
export const MAX_CONTEXTS = 100;
const MAX_REVIEWS = 20;

/**
 * How pull requests stand, by their node ids. Its limits are checked against
 * GitHub's own schema in the tests. https://docs.github.com/en/graphql/reference/objects#pullrequest
 */
export const PULL_REQUESTS_QUERY = `query PullRequests($ids: [ID!]!) {
  rateLimit {
    cost
    remaining
    resetAt
  }
  nodes(ids: $ids) {
    __typename
    ... on PullRequest {
      id
      number
      state
      isDraft
      createdAt
      mergedAt
      updatedAt
      headRefOid
      mergeable
      mergeStateStatus
      reviewDecision
      isInMergeQueue
      autoMergeRequest {
        enabledAt
      }
      mergedBy {
        login
      }
      repository {
        nameWithOwner
        isPrivate
      }
      latestOpinionatedReviews(first: ${MAX_REVIEWS}, writersOnly: true) {
        nodes {
          state
          author {
            login
          }
        }
      }
      reviews {
        totalCount
      }
      timelineItems(itemTypes: [CLOSED_EVENT], last: 1) {
        nodes {
          __typename
          ... on ClosedEvent {
            actor {
              login
            }
          }
        }
      }
      statusCheckRollup {
        state
        contexts(first: ${MAX_CONTEXTS}) {
          totalCount
          nodes {
            __typename
            ... on CheckRun {
              name
              status
              conclusion
            }
            ... on StatusContext {
              context
              state
            }
          }
        }
      }
    }
  }
}`;

/** What an older GitHub Enterprise Server may not know: without it the look says a little less. */
export const PULL_REQUESTS_ASKED = {
  query: PULL_REQUESTS_QUERY,
  mayLack: ["isInMergeQueue", "autoMergeRequest", "mergeStateStatus", "reviewDecision", "latestOpinionatedReviews"],
};

const Context = z.discriminatedUnion("__typename", [
  z.object({
    __typename: z.literal("CheckRun"),
    name: z.string(),
    status: z.string(),
    conclusion: z.string().nullable(),
  }),
  z.object({ __typename: z.literal("StatusContext"), context: z.string(), state: z.string() }),
]);

export const PullRequestNode = z.object({
  __typename: z.literal("PullRequest"),
  id: z.string(),
  number: z.number().int(),
  state: z.enum(["OPEN", "CLOSED", "MERGED"]),
  isDraft: z.boolean(),
  createdAt: z.iso.datetime(),
  mergedAt: z.iso.datetime().nullable(),
  /** Also with each comment, and not with checks. */
  updatedAt: z.string(),
  headRefOid: z.string(),
  mergeable: Mergeable,
  mergeStateStatus: MergeStateStatus,
  reviewDecision: knownValue("APPROVED", "CHANGES_REQUESTED", "REVIEW_REQUIRED").nullable(),
  isInMergeQueue: z.boolean().default(false),
  autoMergeRequest: z.object({ enabledAt: z.string().nullable() }).nullable().default(null),
  mergedBy: Account,
  repository: z.object({ nameWithOwner: z.string(), isPrivate: z.boolean() }),
  latestOpinionatedReviews: nodesOf(z.object({ state: z.string(), author: Account }))
    .nullable()
    .default(null),
  reviews: z.object({ totalCount: z.number().int() }).nullable(),
  timelineItems: nodesOf(z.object({ __typename: z.string(), actor: Account.optional() })),
  statusCheckRollup: z
    .object({ state: z.string(), contexts: nodesOf(Context).extend({ totalCount: z.number().int() }) })
    .nullable(),
});
export type PullRequestNode = z.infer<typeof PullRequestNode>;

/** What GitHub says about a batch: a node that it gives no answer about is null, and `errors` say why. */
export const PullRequestsAnswer = z.object({
  rateLimit: z.object({ cost: z.number(), remaining: z.number(), resetAt: z.string() }).nullable(),
  nodes: z.array(z.unknown()),
});

export const QueryErrors = z.array(
  z.object({
    type: z.string().optional(),
    message: z.string().catch(""),
    path: z.array(z.union([z.string(), z.number()])).optional(),
  }),
);
export type QueryErrors = z.infer<typeof QueryErrors>;
