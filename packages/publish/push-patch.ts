import { COMMIT_AUTHOR } from "../github/git-access.ts";
import { consentOf, protectedPathReason } from "../github/protected-paths.ts";
import { commitMessage } from "../github/pull-request-text.ts";
import { type ShownByItself, shownByItself } from "../github/runs-by-itself.ts";
import { besideBranch, branchName } from "../jobs/ids.ts";
import type { Job } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { because } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { scanPatch } from "../secrets/scan.ts";
import { submoduleChange } from "../workspace/refusals.ts";
import { askedFor } from "./asked-for.ts";
import type { BranchTree } from "./branch-tree.ts";
import { type Refused, refused, refusedForGood } from "./endings.ts";
import type { LeasedDeps } from "./publish-deps.ts";
import { reportOf } from "./report-of.ts";

export type PushedCommit = { ok: true; branch: string; commit: string } & ShownByItself;

/** Applies the stored patch to the pinned commit, checks it as Work did, and pushes it as one commit. */
export async function pushPatch(record: JobRecord, run: RepoRun, deps: LeasedDeps): Promise<PushedCommit | Refused> {
  const { job } = record;
  const patch = await deps.records.readPatch(run.patch!.key);
  const tree = await deps.openTree(run.baseCommit!);
  const { treeId } = await tree.apply(patch);
  if (treeId !== run.patch!.treeId) return refused(because("tree-mismatch", treeId, run.patch!.treeId));
  const recorded = await tree.changes(treeId);
  if ("refused" in recorded) return refusedForGood(recorded.refused);
  const paths = recorded.changes.map(({ path }) => path);
  const consent = consentOf(job, run);
  const objection =
    submoduleChange(recorded.changes) ??
    protectedPathReason(paths, consent) ??
    (await scanPatch(patch, deps.secrets, tree));
  if (objection) return refusedForGood(objection);

  const before = run.pullRequest?.commit;
  if (before) await tree.fetch(before);
  const branch = run.pullRequest?.branch ?? (await newBranch(tree, job, run));
  const byItself = shownByItself(paths, consent.protectedPaths);
  // The round changed nothing: an empty commit would only make noise in the pull request.
  if (before && (await tree.treeOf(before)) === treeId) return { ok: true, branch, commit: before, ...byItself };
  const commit = await tree.commit({
    treeId,
    parents: [before ?? run.baseCommit!],
    message: commitMessage(
      await deps.redactor.redactAll({
        jobId: job.jobId,
        asked: askedFor(record, run),
        isFollowUp: before !== undefined,
        verdict: reportOf(run),
      }),
    ),
    author: COMMIT_AUTHOR,
    // Not the round's: a retry of a publish that died after its push must arrive at the same commit.
    date: new Date(job.createdAt),
  });
  await deps.holdLease();
  const pushed = await tree.push({ branch, commit, expect: before ?? "absent" });
  deps.log("pushed", { branch, commit, pushed });
  return pushed === "moved" ? refused(because("branch-moved", branch)) : { ok: true, branch, commit, ...byItself };
}

function newBranch(tree: BranchTree, job: Job, { leftBehind = [] }: RepoRun) {
  const branch = branchName(job.jobId, job.prompt, leftBehind.length + 1);
  return tree.freeBranch({ branch, beside: besideBranch(branch) });
}
