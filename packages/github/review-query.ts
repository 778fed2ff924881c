import { z } from "zod";
import { Account, nodesOf } from "./graphql-shapes.ts";

/** The newest of each; how many there are is told by the counts. */
export const MAX_THREADS = 100;
/** More than are told: what is written later must not hide what was read. */
export const MAX_IN_THREAD = 30;
/** Each single comment at a line and each reply of ours is a review too, mostly without a text. */
export const MAX_REVIEW_TEXTS = 100;
export const MAX_OWN_COMMENTS = 100;

/**
 * What people wrote about one pull request: threads at lines, texts of reviews, and the comments below it, where answers
 * to such texts stand. https://docs.github.com/en/graphql/reference/objects#pullrequestreviewthread
 */
export const REVIEW_QUERY = `query Review($id: ID!) {
  node(id: $id) {
    __typename
    ... on PullRequest {
      author {
        login
      }
      reviewThreads(last: ${MAX_THREADS}) {
        totalCount
        nodes {
          id
          isResolved
          path
          line
          startLine
          originalLine
          diffSide
          comments(last: ${MAX_IN_THREAD}) {
            totalCount
            nodes {
              state
              ...Said
            }
          }
        }
      }
      reviews(last: ${MAX_REVIEW_TEXTS}, states: [CHANGES_REQUESTED, COMMENTED]) {
        nodes {
          ...Said
        }
      }
      comments(last: ${MAX_OWN_COMMENTS}) {
        nodes {
          ...Said
        }
      }
    }
  }
}

fragment Said on Comment {
  id
  ... on Minimizable { isMinimized }
  author {
    __typename
    login
  }
  viewerDidAuthor
  authorAssociation
  body
}`;

export const REVIEW_ASKED = { query: REVIEW_QUERY, mayLack: ["isMinimized", "startLine", "diffSide"] };

/** The thread stays as it is otherwise: to resolve it is for its person. */
export const REPLY_MUTATION = `mutation ReplyInThread($thread: ID!, $body: String!) {
  addPullRequestReviewThreadReply(input: {pullRequestReviewThreadId: $thread, body: $body}) {
    comment {
      id
    }
  }
}`;

/** An account that was deleted since is null. */
const Author = z.object({ __typename: z.string(), login: z.string() }).nullable();
const ReviewComment = z.object({
  id: z.string(),
  /** Hidden by a person: off-topic, spam, outdated. */
  isMinimized: z.boolean().default(false),
  /** PENDING: only its author sees it, until it is submitted. */
  state: z.string().optional(),
  author: Author,
  /** By the account of the token that asks. */
  viewerDidAuthor: z.boolean(),
  authorAssociation: z.string(),
  body: z.string(),
});
export type ReviewComment = z.infer<typeof ReviewComment>;

const ReviewThread = z.object({
  id: z.string(),
  isResolved: z.boolean(),
  path: z.string(),
  line: z.number().int().nullable(),
  startLine: z.number().int().nullable().default(null),
  originalLine: z.number().int().nullable(),
  /** LEFT: the line is one of the base, which the change removes. */
  diffSide: z.string().default("RIGHT"),
  comments: nodesOf(ReviewComment).extend({ totalCount: z.number().int() }),
});

const ReviewNode = z.object({
  author: Account,
  reviewThreads: nodesOf(ReviewThread).extend({ totalCount: z.number().int() }),
  reviews: nodesOf(ReviewComment).nullable(),
  comments: nodesOf(ReviewComment),
});
export type ReviewNode = z.infer<typeof ReviewNode>;

/** null: there is no such pull request, or none that the token sees. */
export const ReviewAnswer = z.object({ node: ReviewNode.nullable() });
