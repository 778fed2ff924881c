import { sameRepository } from "../jobs/ids.ts";
import {
  type ChecksState,
  MAX_NAME,
  MAX_NAMED,
  type PullRequestLook,
  type ReviewState,
} from "../jobs/pull-request-status.ts";
import { clip } from "../text/cut.ts";
import { checkResultOf, wordOfRun } from "./check-results.ts";
import type { PullRequestNode } from "./pull-request-query.ts";

/**
 * Pure: what GitHub's answer about one pull request says. `repository`: as the job names it. `hidesChecks`: GitHub
 * refused to show them.
 */
export function lookOf(
  node: PullRequestNode,
  { repository, hidesChecks }: { repository: string; hidesChecks: boolean },
): Extract<PullRequestLook, { kind: "seen" }> {
  const { nameWithOwner, isPrivate } = node.repository;
  const by = node.state === "MERGED" ? node.mergedBy : node.state === "CLOSED" ? closerOf(node) : null;
  return {
    kind: "seen",
    status: {
      number: node.number,
      state: STATES_OF_GITHUB[node.state],
      ...(by && { by: clip(by.login, MAX_NAME) }),
      draft: node.isDraft,
      openedAt: node.createdAt,
      ...(node.mergedAt !== null && { mergedAt: node.mergedAt }),
      head: node.headRefOid,
      ...(hidesChecks ? without("hidden") : checksOf(node)),
      ...reviewOf(node),
      behind: node.mergeStateStatus === "BEHIND",
      autoMerge: node.autoMergeRequest !== null || node.isInMergeQueue,
      isPrivate,
      ...(!sameRepository(nameWithOwner, repository) && { movedTo: clip(nameWithOwner, MAX_NAME) }),
    },
    conflicts: { CONFLICTING: true, MERGEABLE: false, UNKNOWN: undefined, OTHER: undefined }[node.mergeable],
  };
}

const STATES_OF_GITHUB = { OPEN: "open", CLOSED: "closed", MERGED: "merged" } as const;
const without = (checks: "none" | "hidden") => ({ checks, checksRunning: false, failed: [], failedCount: 0 });

const closerOf = ({ timelineItems }: PullRequestNode) => timelineItems.nodes?.at(-1)?.actor;

const present = <T>(nodes: readonly (T | null)[] | null | undefined): T[] =>
  (nodes ?? []).filter((node) => node !== null);
const namesOf = (names: readonly string[]) => names.slice(0, MAX_NAMED).map((name) => clip(name, MAX_NAME));

/** The rollup knows of all checks, the list names the first hundred: where it is whole, it alone counts. */
function checksOf({ statusCheckRollup: rollup }: PullRequestNode) {
  if (!rollup) return without("none");
  const listed = present(rollup.contexts.nodes).map((check) => ({
    name: check.__typename === "CheckRun" ? check.name : check.context,
    result: checkResultOf(check.__typename === "CheckRun" ? wordOfRun(check) : check.state),
  }));
  const isWhole = listed.length >= rollup.contexts.totalCount;
  const results = new Set([...listed.map(({ result }) => result), ...(isWhole ? [] : [resultOfAll(rollup.state)])]);
  const checks: ChecksState = results.has("failed")
    ? "failed"
    : results.has("runs") || results.has("rests")
      ? "pending"
      : "passed";
  const failed = listed.filter(({ result }) => result === "failed");
  // GitHub lists them in the order in which they came: the row's words stay the same for the same checks.
  const names = [...new Set(failed.map(({ name }) => name))].toSorted();
  return { checks, checksRunning: results.has("runs"), failed: namesOf(names), failedCount: names.length };
}

/** All together wait as well where one is expected: which of the others is meant is not known. */
const resultOfAll = (state: string) => (state === "EXPECTED" ? "runs" : checkResultOf(state));

/** GitHub decides only where a rule asks for reviews; elsewhere the opinions of people who may write do. */
function reviewOf({ reviewDecision, latestOpinionatedReviews }: PullRequestNode) {
  const opinions = present(latestOpinionatedReviews?.nodes);
  const by = (state: string) =>
    opinions.filter((one) => one.state === state).flatMap(({ author }) => author?.login ?? []);
  const decided = reviewDecision === "OTHER" ? null : reviewDecision;
  const opinion =
    by("CHANGES_REQUESTED").length > 0 ? "CHANGES_REQUESTED" : by("APPROVED").length > 0 ? "APPROVED" : null;
  const decision = decided ?? opinion;
  const review: ReviewState = decision === null ? "none" : REVIEWS[decision];
  return { review, reviewers: decision === null ? [] : namesOf(by(decision).toSorted()) };
}

const REVIEWS = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  REVIEW_REQUIRED: "required",
} as const satisfies Record<string, ReviewState>;
