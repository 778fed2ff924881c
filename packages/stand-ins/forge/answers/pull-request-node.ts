import type {
  CheckRun,
  ClosedEvent,
  PullRequest,
  PullRequestReview,
  StatusCheckRollup,
  StatusContext,
} from "@octokit/graphql-schema";
import { type ForgeStanding, mergeStateOf, opinionsOf, reviewDecisionOf, rollupOf } from "../standing.ts";
import type { ForgeCheck } from "../state.ts";
import { PULL_REQUESTS, pullRequestId } from "./pull-request.ts";
import { nodeId } from "./user.ts";

type Typed<Node extends { __typename?: string }, Names extends keyof Node> = Pick<Node, Names> & {
  __typename: NonNullable<Node["__typename"]>;
};
type Account = { login: string } | null;
type Nodes<Node> = { nodes: Node[] };

/** What the one query asks of a pull request, by the types of GitHub's own schema. */
export type PullRequestNodeAnswer = Typed<
  PullRequest,
  | "id"
  | "number"
  | "state"
  | "isDraft"
  | "createdAt"
  | "mergedAt"
  | "updatedAt"
  | "headRefOid"
  | "mergeable"
  | "mergeStateStatus"
  | "reviewDecision"
  | "isInMergeQueue"
> & {
  autoMergeRequest: { enabledAt: string } | null;
  mergedBy: Account;
  repository: { nameWithOwner: string; isPrivate: boolean };
  latestOpinionatedReviews: Nodes<Pick<PullRequestReview, "state"> & { author: Account }>;
  reviews: { totalCount: number };
  timelineItems: Nodes<Typed<ClosedEvent, never> & { actor: Account }>;
  statusCheckRollup:
    | (Pick<StatusCheckRollup, "state"> & { contexts: { totalCount: number } & Nodes<ContextAnswer> })
    | null;
};
type ContextAnswer = Typed<CheckRun, "name" | "status" | "conclusion"> | Typed<StatusContext, "context" | "state">;

/** Which pull request a node id means; undefined: none of the forge's. */
export function pullRequestPlace(id: string): { repositoryId: number; number: number } | undefined {
  const [, digits] = /^PullRequest:(\d+)$/.exec(Buffer.from(id, "base64url").toString()) ?? [];
  if (digits === undefined) return undefined;
  return { repositoryId: Math.floor(Number(digits) / PULL_REQUESTS), number: Number(digits) % PULL_REQUESTS };
}

const account = (login: string | null): Account => (login === null ? null : { login });

export function pullRequestNode(standing: ForgeStanding, { contexts }: { contexts: number }): PullRequestNodeAnswer {
  const { repository, pull, checks, reviews, threads, mergeability } = standing;
  const rollup = rollupOf(checks);
  const isClosed = pull.state === "closed";
  return {
    __typename: "PullRequest",
    id: nodeId("PullRequest", pullRequestId(repository, pull)),
    number: pull.number,
    state: pull.mergedAt ? "MERGED" : isClosed ? "CLOSED" : "OPEN",
    isDraft: pull.draft,
    createdAt: pull.createdAt,
    mergedAt: pull.mergedAt,
    updatedAt: pull.updatedAt,
    headRefOid: pull.headSha,
    mergeable: !mergeability || isClosed ? "UNKNOWN" : mergeability.conflicts ? "CONFLICTING" : "MERGEABLE",
    mergeStateStatus: mergeStateOf(standing),
    reviewDecision: reviewDecisionOf(repository, reviews),
    isInMergeQueue: pull.isQueued,
    autoMergeRequest: pull.autoMergeAt === null ? null : { enabledAt: pull.autoMergeAt },
    mergedBy: account(pull.mergedBy),
    repository: { nameWithOwner: repository.name, isPrivate: !repository.isPublic },
    latestOpinionatedReviews: {
      nodes: opinionsOf(reviews).map(({ state, author }) => ({ state, author: account(author) })),
    },
    reviews: { totalCount: reviews.length + threads.length },
    timelineItems: {
      nodes: isClosed ? [{ __typename: "ClosedEvent", actor: account(pull.mergedBy ?? pull.closedBy) }] : [],
    },
    statusCheckRollup: rollup && {
      state: rollup,
      contexts: { totalCount: checks.length, nodes: checks.slice(0, contexts).map(contextAnswer) },
    },
  };
}

const CONCLUSIONS = { success: "SUCCESS", failure: "FAILURE", cancelled: "CANCELLED", skipped: "SKIPPED" } as const;
const STATUSES = { success: "SUCCESS", failure: "FAILURE", cancelled: "ERROR", skipped: "SUCCESS" } as const;

const contextAnswer = ({ kind, name, outcome }: ForgeCheck): ContextAnswer =>
  kind === "status"
    ? { __typename: "StatusContext", context: name, state: outcome === null ? "PENDING" : STATUSES[outcome] }
    : {
        __typename: "CheckRun",
        name,
        status: outcome === null ? "IN_PROGRESS" : "COMPLETED",
        conclusion: outcome === null ? null : CONCLUSIONS[outcome],
      };
