import type {
  CommentAuthorAssociation,
  IssueComment,
  PullRequest,
  PullRequestReviewComment,
  PullRequestReviewThread,
} from "@octokit/graphql-schema";
import { MAX_IN_THREAD, MAX_OWN_COMMENTS, MAX_REVIEW_TEXTS, MAX_THREADS } from "../../../github/review-query.ts";
import type { ForgeComment, ForgePullRequest, ForgeRepository, ForgeReview, ForgeThread } from "../state.ts";
import { nodeId } from "./user.ts";

type SaidBy = Pick<IssueComment, "id" | "isMinimized" | "authorAssociation" | "viewerDidAuthor" | "body"> & {
  author: { __typename: "User" | "Bot"; login: string };
};
type Nodes<Node> = { nodes: Node[] };

/** What the query of a review asks, by the types of GitHub's own schema. */
type ReviewNodeAnswer = {
  __typename: NonNullable<PullRequest["__typename"]>;
  author: { login: string };
  reviewThreads: { totalCount: number } & Nodes<
    Pick<PullRequestReviewThread, "id" | "isResolved" | "path" | "line" | "startLine" | "originalLine" | "diffSide"> & {
      comments: { totalCount: number } & Nodes<SaidBy & Pick<PullRequestReviewComment, "state">>;
    }
  >;
  reviews: Nodes<SaidBy>;
  comments: Nodes<SaidBy>;
};

export const threadId = ({ id }: ForgeThread) => nodeId("PullRequestReviewThread", id);

const BOT = /\[bot\]$/;
/** GraphQL names a bot without the ending by which REST tells it. */
const loginOf = (login: string) => login.replace(BOT, "");

/** A collaborator may have no more than read access. */
function associationOf({ people }: ForgeRepository, login: string): CommentAuthorAssociation {
  if (BOT.test(login)) return "NONE";
  const access = people[login];
  return access === "none" ? "NONE" : access === "admin" ? "OWNER" : "COLLABORATOR";
}

export function reviewNode(
  repository: ForgeRepository,
  pull: ForgePullRequest,
  said: { threads: readonly ForgeThread[]; reviews: readonly ForgeReview[]; comments: readonly ForgeComment[] },
  viewer: string,
): ReviewNodeAnswer {
  type Written = { id: number; author: string; body: string; isMinimized?: boolean | undefined };
  const by = (kind: string, { id, author, body, isMinimized = false }: Written): SaidBy => ({
    id: nodeId(kind, id),
    isMinimized,
    author: { __typename: BOT.test(author) ? "Bot" : "User", login: loginOf(author) },
    viewerDidAuthor: author === viewer,
    authorAssociation: associationOf(repository, author),
    body,
  });
  const texts = said.reviews.filter(({ state }) => state !== "APPROVED");
  const below = said.comments.filter((one) => one.repositoryId === repository.id && one.issue === pull.number);
  return {
    __typename: "PullRequest",
    author: { login: loginOf(pull.author) },
    reviewThreads: {
      totalCount: said.threads.length,
      nodes: said.threads.slice(-MAX_THREADS).map((thread) => ({
        id: threadId(thread),
        isResolved: thread.isResolved,
        path: thread.path,
        line: thread.isOutdated ? null : thread.line,
        startLine: thread.startLine ?? null,
        originalLine: thread.line,
        diffSide: thread.isOfBase ? "LEFT" : "RIGHT",
        comments: {
          totalCount: thread.comments.length,
          nodes: thread.comments
            .filter(({ isPending, author }) => !isPending || author === viewer)
            .slice(-MAX_IN_THREAD)
            .map((one) => ({
              state: one.isPending ? "PENDING" : "SUBMITTED",
              ...by("PullRequestReviewComment", one),
            })),
        },
      })),
    },
    reviews: {
      nodes: texts.slice(-MAX_REVIEW_TEXTS).map((one) => by("PullRequestReview", one)),
    },
    comments: { nodes: below.slice(-MAX_OWN_COMMENTS).map((one) => by("IssueComment", one)) },
  };
}
