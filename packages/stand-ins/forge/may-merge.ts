import { ForgeError } from "./api-error.ts";
import { mergeabilityOf } from "./mergeability.ts";
import { followHead } from "./pull-request-git.ts";
import { branchTip } from "./refs.ts";
import type { ForgeRepositories } from "./repositories.ts";
import { type ForgeStanding, judgementsOf, mergeStateOf, missingChecks, reviewDecisionOf } from "./standing.ts";
import type { ForgeMergeMethod, ForgePullRequest, ForgeRepository, ForgeState } from "./state.ts";

type Deps = { state: ForgeState; repositories: ForgeRepositories };
export type PullPlace = { repository: ForgeRepository; pull: ForgePullRequest };

/** How it stands, with its merge worked out. */
export async function forgeStandingOf(
  { state, repositories }: Deps,
  { repository, pull }: PullPlace,
): Promise<ForgeStanding> {
  const bare = repositories.folderOf(repository);
  await followHead(bare, pull);
  // The first look starts the work, and the next one has its result.
  if (pull.state === "open") await mergeabilityOf(bare, pull);
  const mergeability = pull.state === "open" ? await mergeabilityOf(bare, pull) : undefined;
  return { repository, pull, ...judgementsOf(state, repository, pull), mergeability };
}

const METHOD_WORDS: Record<ForgeMergeMethod, string> = {
  merge: "Merge commits are",
  squash: "Squash merges are",
  rebase: "Rebase merges are",
};

const cannot = (message: string) => new ForgeError(405, message);

/** Refuses what GitHub's own button would refuse, in the words of its REST API. */
export async function mustBeMergeable(
  deps: Deps,
  place: PullPlace,
  { sha, method }: { sha?: string | undefined; method: ForgeMergeMethod },
): Promise<void> {
  const { repository, pull } = place;
  const standing = await forgeStandingOf(deps, place);
  if (pull.state !== "open") throw cannot("Pull Request is not mergeable");
  if (!(await branchTip(deps.repositories.folderOf(repository), pull.baseBranch)))
    throw cannot("Pull Request is not mergeable");
  if (sha !== undefined && sha !== pull.headSha)
    throw new ForgeError(409, "Head branch was modified. Review and try the merge again.");
  if (!repository.mergeMethods.includes(method))
    throw cannot(`${METHOD_WORDS[method]} not allowed on this repository.`);
  if (pull.draft) throw cannot("Pull Request is still a draft");
  if (standing.mergeability?.conflicts) throw cannot("Pull Request has merge conflicts");
  if (repository.mergeQueue) throw cannot("Changes must be made through the merge queue");
  const decision = reviewDecisionOf(repository, standing.reviews);
  if (decision !== null && decision !== "APPROVED")
    throw cannot(`At least ${repository.rules.reviews} approving review is required by reviewers with write access.`);
  const [missing] = missingChecks(repository, standing.checks);
  if (missing !== undefined) throw cannot(`Required status check "${missing}" is expected.`);
  if (mergeStateOf(standing) === "BEHIND") throw cannot("Head branch is not up to date with the base branch.");
}
