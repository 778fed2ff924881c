import { z } from "zod";
import {
  DEQUEUE,
  DISABLE_AUTO_MERGE,
  ENABLE_AUTO_MERGE,
  ENQUEUE,
  MERGE_LOOK_QUERY,
  type MergeLook,
  MergeMethod,
} from "../../github/merge-query.ts";
import { forbidden, mayRead, mayWrite, reaches } from "./access.ts";
import type { ForgeActs } from "./acts.ts";
import { pullRequestNode, pullRequestPlace } from "./answers/pull-request-node.ts";
import type { Token } from "./credentials.ts";
import { forgeStandingOf } from "./may-merge.ts";
import { branchTip } from "./refs.ts";
import type { RestDeps } from "./rest-context.ts";
import { mergeStateOf } from "./standing.ts";
import { type ForgeMergeMethod, pullRequestOf } from "./state.ts";

type Deps = RestDeps & { acts: ForgeActs };
type Answer = { data: unknown; errors?: { type: string; path: string[]; message: string }[] };

const Variables = z.object({ id: z.string(), head: z.string().optional(), way: MergeMethod.nullish() });

/** GitHub's names for the ways to merge. */
const METHODS: Record<ForgeMergeMethod, MergeMethod> = { merge: "MERGE", squash: "SQUASH", rebase: "REBASE" };

/** The queries and mutations around merging. undefined: the query is none of them. */
export async function answerAboutMerging(
  deps: Deps,
  token: Token,
  { query, variables }: { query: string; variables: unknown },
): Promise<Answer | undefined> {
  const field = FIELDS[query];
  if (field === undefined) return undefined;
  const { id, head, way } = Variables.parse(variables);
  const refuse = (message: string, type = "UNPROCESSABLE"): Answer => ({
    data: query === MERGE_LOOK_QUERY ? { node: null } : { [field]: null },
    errors: [{ type, path: [field], message }],
  });
  const at = pullRequestPlace(id);
  const repository = deps.state.data.repositories.find((one) => one.id === at?.repositoryId && reaches(token, one));
  const pull = repository && at && pullRequestOf(deps.state, repository, at.number);
  if (!repository || !pull) return refuse(`Could not resolve to a node with the global id of '${id}'.`, "NOT_FOUND");
  const place = { repository, pull };
  const standing = await forgeStandingOf(deps, place);
  const status = mergeStateOf(standing);
  if (query === MERGE_LOOK_QUERY) {
    const answer = pullRequestNode(standing, { contexts: 0 });
    const { __typename, number, state, isDraft, headRefOid, mergeable, mergeStateStatus, isInMergeQueue } = answer;
    const isThere = await branchTip(deps.repositories.folderOf(repository), pull.baseBranch);
    const seesChecks = mayRead(token, "checks") && mayRead(token, "statuses");
    const rollup = answer.statusCheckRollup && { state: answer.statusCheckRollup.state };
    const node: MergeLook = {
      __typename,
      id,
      number,
      state,
      isDraft,
      headRefOid,
      baseRefName: pull.baseBranch,
      baseRef: isThere ? { name: pull.baseBranch } : null,
      mergeable,
      mergeStateStatus,
      statusCheckRollup: seesChecks ? rollup : null,
      isMergeQueueEnabled: repository.mergeQueue,
      isInMergeQueue,
      mergedBy: answer.mergedBy,
      autoMergeRequest: pull.autoMergeAt === null ? null : { enabledBy: { login: pull.autoMergeBy ?? pull.author } },
      repository: {
        autoMergeAllowed: repository.autoMerge,
        mergeCommitAllowed: repository.mergeMethods.includes("merge"),
        squashMergeAllowed: repository.mergeMethods.includes("squash"),
        rebaseMergeAllowed: repository.mergeMethods.includes("rebase"),
        viewerDefaultMergeMethod: METHODS[repository.mergeMethods[0]!],
      },
    };
    if (seesChecks) return { data: { node } };
    return {
      data: { node },
      errors: [{ type: "FORBIDDEN", path: ["node", "statusCheckRollup"], message: forbidden(token).message }],
    };
  }
  if (!mayWrite(token, "contents", repository) || !mayWrite(token, "pull_requests", repository))
    return refuse(forbidden(token).message, "FORBIDDEN");
  const done: Answer = { data: { [field]: { clientMutationId: null } } };
  if (pull.state !== "open") return refuse("Pull request is closed");
  if (head !== undefined && head !== pull.headSha) return refuse("Head sha didn't match expected head sha");
  switch (query) {
    case ENABLE_AUTO_MERGE: {
      if (!repository.autoMerge && !repository.mergeQueue)
        return refuse("Auto merge is not allowed for this repository");
      if (repository.mergeQueue && way) return refuse("The merge strategy for main is set by the merge queue");
      if (status === "CLEAN" || status === "UNSTABLE")
        return refuse(`Pull request is in ${status.toLowerCase()} status`);
      const named = Object.entries(METHODS).find(([, name]) => name === way)?.[0] as ForgeMergeMethod | undefined;
      deps.acts.autoMerge(place, true, { by: token.login, ...(named && { method: named }) });
      return done;
    }
    case DISABLE_AUTO_MERGE:
      if (pull.autoMergeAt === null) return refuse("Can't disable auto-merge for this pull request.");
      deps.acts.autoMerge(place, false);
      return done;
    case ENQUEUE:
      if (!repository.mergeQueue) return refuse("Merge queues are not enabled for this branch.");
      if (status !== "CLEAN" && status !== "UNSTABLE") return refuse("Pull request is not ready to be enqueued");
      deps.acts.enqueue(place, true);
      return done;
    default:
      deps.acts.enqueue(place, false);
      return done;
  }
}

const FIELDS: Record<string, string> = {
  [MERGE_LOOK_QUERY]: "node",
  [ENABLE_AUTO_MERGE]: "enablePullRequestAutoMerge",
  [DISABLE_AUTO_MERGE]: "disablePullRequestAutoMerge",
  [ENQUEUE]: "enqueuePullRequest",
  [DEQUEUE]: "dequeuePullRequest",
};
