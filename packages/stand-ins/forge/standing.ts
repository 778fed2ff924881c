import type { MergeStateStatus, PullRequestReviewDecision, StatusState } from "@octokit/graphql-schema";
import type { Mergeability } from "./mergeability.ts";
import type { ForgeCheck, ForgePullRequest, ForgeRepository, ForgeReview, ForgeState, ForgeThread } from "./state.ts";

/** The checks on its newest commit, all its reviews and discussions. */
export const judgementsOf = ({ data }: ForgeState, repository: ForgeRepository, pull: ForgePullRequest) => ({
  checks: data.checks.filter((one) => one.repositoryId === repository.id && one.sha === pull.headSha),
  reviews: data.reviews.filter((one) => one.repositoryId === repository.id && one.number === pull.number),
  threads: data.threads.filter((one) => one.repositoryId === repository.id && one.number === pull.number),
});

/** The last one of each person that approves or asks for changes. */
export function opinionsOf(reviews: readonly ForgeReview[]): ForgeReview[] {
  const last = new Map<string, ForgeReview>();
  for (const review of reviews) if (review.state !== "COMMENTED") last.set(review.author, review);
  return [...last.values()];
}

/** null where no rule asks for reviews, whatever people wrote. */
export function reviewDecisionOf(
  { rules }: ForgeRepository,
  reviews: readonly ForgeReview[],
): PullRequestReviewDecision | null {
  if (rules.reviews === 0) return null;
  const opinions = opinionsOf(reviews);
  if (opinions.some(({ state }) => state === "CHANGES_REQUESTED")) return "CHANGES_REQUESTED";
  return opinions.length >= rules.reviews ? "APPROVED" : "REVIEW_REQUIRED";
}

/** Required checks that have not passed. */
export const missingChecks = ({ requiredChecks }: ForgeRepository, checks: readonly ForgeCheck[]) =>
  requiredChecks.filter((name) => !checks.some((one) => one.name === name && one.outcome === "success"));

/** What all checks of a commit come to; null without any. */
export function rollupOf(checks: readonly ForgeCheck[]): StatusState | null {
  if (checks.length === 0) return null;
  if (checks.some(({ outcome }) => outcome === "failure" || outcome === "cancelled")) return "FAILURE";
  return checks.some(({ outcome }) => outcome === null) ? "PENDING" : "SUCCESS";
}

export type ForgeStanding = {
  repository: ForgeRepository;
  pull: ForgePullRequest;
  checks: readonly ForgeCheck[];
  reviews: readonly ForgeReview[];
  threads: readonly ForgeThread[];
  mergeability: Mergeability | undefined;
};

/** What GitHub shows beside its button Merge. */
export function mergeStateOf({ repository, pull, checks, reviews, mergeability }: ForgeStanding): MergeStateStatus {
  if (!mergeability || pull.state !== "open") return "UNKNOWN";
  if (mergeability.conflicts) return "DIRTY";
  if (pull.draft) return "BLOCKED";
  if (repository.rules.upToDate && mergeability.behind) return "BEHIND";
  const decision = reviewDecisionOf(repository, reviews);
  if (decision !== null && decision !== "APPROVED") return "BLOCKED";
  if (missingChecks(repository, checks).length > 0) return "BLOCKED";
  const rollup = rollupOf(checks);
  return rollup === null || rollup === "SUCCESS" ? "CLEAN" : "UNSTABLE";
}
