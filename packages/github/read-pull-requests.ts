import type { PullRequestLook } from "../jobs/pull-request-status.ts";
import type { GitHub } from "./client.ts";
import { isTemporary, retryAfterMsOf, saidBy, statusOf } from "./errors.ts";
import { askKnown } from "./known-fields.ts";
import { lookOf } from "./pull-request-look.ts";
import { PULL_REQUESTS_ASKED, PullRequestNode, PullRequestsAnswer, QueryErrors } from "./pull-request-query.ts";
import { askReview, readReview } from "./read-review.ts";
import { createRights, mayPush } from "./rights.ts";

/** A pull request by its node id; `repository`: as the job names it. */
export type AskedPullRequest = { nodeId: string; repository: string; commentsUpTo?: string | undefined };

/**
 * `looks` by node id; what is missing there was not asked about or not answered. `stopped`: why not all were asked:
 * no calls are left, or GitHub does not answer, in its words; `forMs`: how long it asks to wait.
 */
export type PullRequestsRead = {
  looks: Map<string, PullRequestLook>;
  stopped?: { why: "calls" } | { why: "github"; said: string; forMs?: number };
};

export type MayCall = (what: "look" | "comments") => Promise<boolean>;

/** Answers about more take GitHub long; it allows 100. A batch that takes it too long goes again as the next size. */
const BATCHES = [50, 25, 13, 7, 4];
/** Points of an hour that are left to the others who use the token. */
const RESERVE = 500;

/**
 * Looks at pull requests in batches that hold GitHub's limits. A batch that takes GitHub too long is halved, and none is
 * as large again once that size did so twice; what one answer leaves open costs the others nothing. `mayCall` takes a
 * call out of the budget, before each one.
 */
export async function readPullRequests(
  github: GitHub,
  asked: readonly AskedPullRequest[],
  mayCall: MayCall,
): Promise<PullRequestsRead> {
  const looks = new Map<string, PullRequestLook>();
  const mayWrite = askingOnce(github, mayCall);
  const tooSlow = new Set<number>();
  let largest = 0;
  let size = 0;
  for (let at = 0; at < asked.length; ) {
    if (!(await mayCall("look"))) return { looks, stopped: { why: "calls" } };
    const batch = asked.slice(at, at + BATCHES[size]!);
    const answer = await askOnce(github, batch);
    if (answer.kind === "too slow" && size < BATCHES.length - 1) {
      if (tooSlow.has(size)) largest = size + 1;
      tooSlow.add(size);
      size += 1;
      continue;
    }
    if (answer.kind !== "answered") return { looks, stopped: answer.stopped };
    for (const [i, one] of batch.entries()) {
      const look = lookAt(answer.nodes[i], i, { ...one, errors: answer.errors });
      looks.set(one.nodeId, await withComments(github, one, look, { mayCall, mayWrite }));
    }
    at += batch.length;
    size = Math.max(largest, size - 1);
    if (answer.remaining < RESERVE && at < asked.length)
      return { looks, stopped: { why: "github", said: `${answer.remaining} points are left in this hour` } };
  }
  return { looks };
}

type MayWrite = (repository: string, login: string) => Promise<boolean>;
class NoCall extends Error {}

/** The same people write about many pull requests: each is asked about once in a repository. */
const askingOnce = (github: GitHub, mayCall: MayCall): MayWrite =>
  createRights(
    async (repository, login) => {
      if (!(await mayCall("comments"))) throw new NoCall();
      return mayPush(github, repository, login);
    },
    () => 0,
  );

/**
 * What people wrote is read where something has changed since it was read last: with one call, and one for each of those
 * who may be able to write. Without an answer it stays as it was, and the next look asks again.
 */
async function withComments(
  github: GitHub,
  { nodeId, repository, commentsUpTo }: AskedPullRequest,
  look: Seen | PullRequestLook,
  { mayCall, mayWrite }: { mayCall: MayCall; mayWrite: MayWrite },
): Promise<PullRequestLook> {
  if (!("updatedAt" in look)) return look;
  const { updatedAt, reviews, ...seen } = look;
  if (seen.status.state !== "open" || updatedAt === commentsUpTo) return seen;
  if (reviews === 0) return { ...seen, comments: { unanswered: 0, upTo: updatedAt } };
  if (!(await mayCall("comments"))) return { ...seen, comments: "later" };
  try {
    const node = await askReview(github, nodeId);
    if (!node) return seen;
    const { waiting } = await readReview(node, (login) => mayWrite(repository, login));
    return { ...seen, comments: { unanswered: waiting.length, upTo: updatedAt } };
  } catch (error) {
    return error instanceof NoCall || isTemporary(error) ? { ...seen, comments: "later" } : seen;
  }
}

type Seen = Extract<PullRequestLook, { kind: "seen" }> & { updatedAt: string; reviews: number };

type Stopped = Extract<PullRequestsRead["stopped"], { why: "github" }>;
type Answer =
  | { kind: "answered"; nodes: readonly unknown[]; errors: QueryErrors; remaining: number }
  | { kind: "too slow" | "failed"; stopped: Stopped };

/** No retry of the client's own: a batch that takes too long goes again as a smaller one, the rest in a minute. */
async function askOnce(github: GitHub, batch: readonly AskedPullRequest[]): Promise<Answer> {
  const variables = { ids: batch.map(({ nodeId }) => nodeId), request: { retries: 0 } };
  try {
    return answered(await askKnown(github, PULL_REQUESTS_ASKED, variables), []);
  } catch (error) {
    // Octokit throws an answer about some of them, with what there is.
    const { data, errors } = error as { data?: unknown; errors?: unknown };
    if (PullRequestsAnswer.safeParse(data).success) return answered(data, errors);
    const forMs = retryAfterMsOf(error);
    const stopped: Stopped = { why: "github", said: wordsOf(error), ...(forMs !== undefined && { forMs }) };
    return { kind: isTooSlow(error) ? "too slow" : "failed", stopped };
  }
}

function answered(data: unknown, errors: unknown): Answer {
  const { nodes, rateLimit } = PullRequestsAnswer.parse(data);
  return {
    kind: "answered",
    nodes,
    errors: QueryErrors.catch([]).parse(errors),
    remaining: rateLimit?.remaining ?? Number.POSITIVE_INFINITY,
  };
}

const isTooSlow = (error: unknown) =>
  [502, 504].includes(statusOf(error) ?? 0) ||
  (error instanceof Error && /timeout|aborted/i.test(`${error.name} ${error.message}`));

const wordsOf = (error: unknown) =>
  [statusOf(error), saidBy(error) || String(error)].filter((word) => word !== undefined).join(" ");

function lookAt(
  node: unknown,
  index: number,
  { repository, errors }: AskedPullRequest & { errors: QueryErrors },
): PullRequestLook | Seen {
  const about = errors.filter(({ path }) => path?.[0] === "nodes" && path[1] === index);
  if (node === null || node === undefined)
    return about.some(({ type }) => type === "NOT_FOUND") ? { kind: "gone" } : { kind: "unclear" };
  const parsed = PullRequestNode.safeParse(node);
  if (!parsed.success) return { kind: "unclear" };
  const hidesChecks =
    parsed.data.statusCheckRollup === null && about.some(({ path }) => path?.includes("statusCheckRollup"));
  return { ...lookOf(parsed.data, { repository, hidesChecks }), ...writtenTo(parsed.data) };
}

/** Every comment at a line belongs to a review, which may be one that approves. */
const writtenTo = ({ updatedAt, reviews }: PullRequestNode) => ({ updatedAt, reviews: reviews?.totalCount ?? 0 });
