import type {
  CommentAuthorAssociation,
  IssueComment,
  PullRequest,
  PullRequestReview,
  PullRequestReviewThread,
} from "@octokit/graphql-schema";
import { MAX_IN_THREAD, MAX_OWN_COMMENTS, MAX_REVIEW_TEXTS, MAX_THREADS } from "../../../github/review-query.ts";
import type { ForgeComment, ForgePullRequest, ForgeRepository, ForgeReview, ForgeThread } from "../state.ts";
import { nodeId } from "./user.ts";

type SaidBy = Pick<IssueComment, "authorAssociation" | "viewerDidAuthor" | "body"> & {
  author: { __typename: "User" | "Bot"; login: string };
};
type Nodes<Node> = { nodes: Node[] };

/** What the query of a review asks, by the types of GitHub's own schema. */
type ReviewNodeAnswer = {
  __typename: NonNullable<PullRequest["__typename"]>;
  author: { login: string };
  reviewThreads: { totalCount: number } & Nodes<
    Pick<PullRequestReviewThread, "id" | "isResolved" | "path" | "line" | "originalLine"> & {
      comments: { totalCount: number } & Nodes<SaidBy>;
    }
  >;
  reviews: Nodes<Pick<PullRequestReview, "id"> & SaidBy>;
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
  const by = ({ author, body }: { author: string; body: string }): SaidBy => ({
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
        originalLine: thread.line,
        comments: { totalCount: thread.comments.length, nodes: thread.comments.slice(-MAX_IN_THREAD).map(by) },
      })),
    },
    reviews: {
      nodes: texts.slice(-MAX_REVIEW_TEXTS).map((one) => ({ id: nodeId("PullRequestReview", one.id), ...by(one) })),
    },
    comments: { nodes: below.slice(-MAX_OWN_COMMENTS).map(by) },
  };
}
