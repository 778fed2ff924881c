import { join } from "node:path";
import { type GitHub, ourLogin } from "../github/client.ts";
import { endingReasonOf, patiently } from "../github/patiently.ts";
import { protectedPathReason } from "../github/protected-paths.ts";
import { commitMessage, type PullRequestFacts, pullRequestText } from "../github/pull-request-text.ts";
import { findOrOpenPullRequest, isMergeable } from "../github/pull-requests.ts";
import { refusalOf } from "../github/refusals.ts";
import { pullRequestState } from "../github/repositories.ts";
import { type ShownByItself, shownByItself } from "../github/runs-by-itself.ts";
import type { RunRef } from "../jobs/execution.ts";
import { besideBranch, branchName } from "../jobs/ids.ts";
import { cancelOf, type Job } from "../jobs/job.ts";
import type { Reason } from "../jobs/outcome.ts";
import { needsPullRequest, type PullRequest, type RepoRun } from "../jobs/repo-run.ts";
import type { Round } from "../jobs/round.ts";
import { whyUnverified } from "../jobs/verification.ts";
import { createRedactor } from "../secrets/redact.ts";
import { scanPatch } from "../secrets/scan.ts";
import type { JobStore } from "../store/jobs.ts";
import type { Records } from "../store/records.ts";
import { redactedRows } from "../store/redacted-rows.ts";
import { applyPatch } from "../workspace/apply.ts";
import { baseHolds } from "../workspace/base-holds.ts";
import { cloneWorkspace, fetchCommit } from "../workspace/clone.ts";
import { commitTree, treeOf } from "../workspace/commit.ts";
import { freeBranch, pushBranch } from "../workspace/push.ts";
import { recordTree } from "../workspace/record.ts";
import { submoduleChange } from "../workspace/refusals.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { closeStale } from "./close-stale.ts";

export type PublishDeps = {
  jobs: JobStore;
  records: Records;
  github: GitHub;
  /** Of whoever acts here, when the token does not say it itself: the app's bot. */
  login?: string | undefined;
  /** Why there is no token: the run fails with that. */
  refused?: Reason | undefined;
  /** Secrets of this process, which nothing that is pushed may hold. */
  secrets: string[];
  remote: { url: string; token: string };
  folder: string;
  signingKey?: string;
  /** For how long what may pass is tried again; absent: two minutes. */
  patienceMs?: number;
  log(event: string, facts?: Record<string, unknown>): void;
};

/** Author and committer of every commit: fixed, like its dates, so that a repeat makes the same commit. */
const AUTHOR = { name: "Cody Batch", email: "cody-batch@users.noreply.github.com" };
const LABEL = "cody";

/** `final`: no retry can make a pull request of this patch, a person must take it from here. */
type Refused = { ok: false; reason: Reason; final?: boolean };
type PushedCommit = { ok: true; branch: string; commit: string } & ShownByItself;
/** `warning`: it is open, and a person should know this. */
type Published = ({ ok: true; pullRequest: PullRequest; warning?: Reason } & ShownByItself) | Refused;

/**
 * Publishes the stored patch: branch, commit, pull request. It runs nothing of the repository, and every step finds
 * what an earlier attempt did. What it throws means: try again.
 */
export async function publish(ref: RunRef, given: PublishDeps): Promise<void> {
  const deps = { ...given, jobs: redactedRows(given.jobs, createRedactor(given.secrets)) };
  const run = await deps.jobs.claimRun(ref);
  if (!run) return deps.log("nothing to do: this round's run has ended or another round is active");
  const lease = { ...ref, attempt: run.attempt };
  const record = await deps.jobs.readJob(ref.jobId);
  const round = record?.rounds.find((one) => one.round === ref.round);
  if (!record || !round) throw new Error(`Job ${ref.jobId} has no round ${ref.round} in the table.`);
  if (cancelOf(record.job, ref.repository, ref.round)) {
    await deps.jobs.updateRun(lease, { state: "cancelled", activity: undefined, reason: CANCELLED });
    return deps.log("cancelled before anything was pushed");
  }
  if (round.kind === "close") {
    await deps.jobs.updateRun(lease, await closeStale(lease, run, deps));
    return;
  }
  if (!needsPullRequest(run)) throw new Error(`The run of ${ref.repository} has nothing to publish.`);
  await deps.jobs.updateRun(lease, { state: "publishing", activity: "opening the pull request" });
  const published = await attempt(record.job, round, run, deps);
  await deps.jobs.updateRun(
    lease,
    published.ok
      ? {
          state: "published",
          activity: undefined,
          reason: published.warning,
          pullRequest: published.pullRequest,
          runsByItself: published.runsByItself.length > 0 ? published.runsByItself : undefined,
          runsByItselfCount: published.runsByItselfCount,
        }
      : { state: published.final ? "patch-ready" : "failed", activity: undefined, reason: published.reason },
  );
  deps.log("published", published.ok ? { pullRequest: published.pullRequest.url } : { reason: published.reason.code });
}

async function attempt(job: Job, round: Round, run: RepoRun, deps: PublishDeps): Promise<Published> {
  if (deps.refused) return { ok: false, reason: deps.refused };
  try {
    // Every step finds what an earlier try of it did, so all of them together can be tried again.
    return await patiently("Publishing", () => tryOnce(job, round, run, deps), {
      forMs: deps.patienceMs,
      onWait: (words) => deps.log("publishing failed, trying again", { words }),
    });
  } catch (error) {
    const reason = endingReasonOf(error) ?? refusalOf(error, run.repository);
    if (reason) return { ok: false, reason };
    throw error;
  }
}

async function tryOnce(job: Job, round: Round, run: RepoRun, deps: PublishDeps): Promise<Published> {
  const { pullRequest } = run;
  if (pullRequest) {
    const state = await pullRequestState(deps.github, run.repository, pullRequest.number);
    if (state !== "open") return { ok: false, final: true, reason: notOpenAnyMore(pullRequest.number, state) };
  }
  const pushed = await pushPatch(job, round, run, deps);
  if (!pushed.ok) return pushed;
  if (pullRequest && pushed.commit === pullRequest.commit) return { ...pushed, pullRequest };
  return openPullRequest(job, run, pushed, deps);
}

async function pushPatch(job: Job, round: Round, run: RepoRun, deps: PublishDeps): Promise<PushedCommit | Refused> {
  const { redactAll } = createRedactor(deps.secrets);
  const patch = await deps.records.readPatch(run.patch!.key);
  const workspace = await cloneWorkspace({
    ...deps.remote,
    folder: join(deps.folder, "publish"),
    commit: run.baseCommit!,
    checkout: false,
  });
  const { treeId } = await applyPatch(workspace, patch);
  if (treeId !== run.patch!.treeId) return { ok: false, reason: otherTree(run, treeId) };
  const recorded = await recordTree(workspace);
  if ("refused" in recorded) return { ok: false, reason: recorded.refused, final: true };
  const paths = recorded.changes.map(({ path }) => path);
  const base = { baseHolds: (words: string) => baseHolds(workspace, words) };
  const refused =
    submoduleChange(recorded.changes) ??
    protectedPathReason(paths, job.options) ??
    (await scanPatch(patch, deps.secrets, base));
  if (refused) return { ok: false, reason: refused, final: true };

  const before = run.pullRequest?.commit;
  if (before) await fetchCommit(workspace, { ...deps.remote, commit: before });
  const branch = run.pullRequest?.branch ?? (await newBranch(workspace, job, run, deps));
  const byItself = shownByItself(paths);
  // The round changed nothing: an empty commit would only make noise in the pull request.
  if (before && (await treeOf(workspace, before)) === treeId) return { ok: true, branch, commit: before, ...byItself };
  const commit = await commitTree(workspace, {
    treeId,
    parents: [before ?? run.baseCommit!],
    message: commitMessage(
      await redactAll({ jobId: job.jobId, prompt: round.prompt ?? job.prompt, verdict: run.verdict! }),
    ),
    author: AUTHOR,
    // Not the round's: a retry of a publish that died after its push must arrive at the same commit.
    date: new Date(job.createdAt),
    ...(deps.signingKey && { signingKey: deps.signingKey }),
  });
  const pushed = await pushBranch(workspace, { ...deps.remote, branch, commit, expect: before ?? "absent" });
  deps.log("pushed", { branch, commit, pushed });
  return pushed === "moved" ? { ok: false, reason: moved(branch) } : { ok: true, branch, commit, ...byItself };
}

function newBranch(workspace: Workspace, job: Job, { leftBehind = [] }: RepoRun, { remote }: PublishDeps) {
  const branch = branchName(job.jobId, job.prompt, leftBehind.length + 1);
  return freeBranch(workspace, { ...remote, branch, beside: besideBranch(branch) });
}

async function openPullRequest(
  job: Job,
  run: RepoRun,
  { branch, commit, runsByItself, runsByItselfCount }: PushedCommit,
  { github, login, secrets }: PublishDeps,
): Promise<Published> {
  const { redactAll } = createRedactor(secrets);
  const { verification } = run;
  const facts: PullRequestFacts = {
    jobId: job.jobId,
    prompt: job.prompt,
    verdict: run.verdict!,
    baseCommit: run.baseCommit!,
    verifyCommand: job.options.verifyCommand,
    ...(verification && { verification }),
    scripted: run.scripted,
    model: job.options.model,
    runsByItself,
    ...(runsByItselfCount && { runsByItselfCount }),
  };
  const unverified = whyUnverified(job.options.verifyCommand, verification) !== undefined;
  const found = await findOrOpenPullRequest(github, {
    repository: run.repository,
    branch,
    base: run.baseBranch!,
    // Before it is cut, and before the marker is made of it.
    ...pullRequestText(await redactAll(facts)),
    draft: job.options.delivery === "draft-pr" || unverified || runsByItself.length > 0,
    labels: [LABEL],
    marker: { jobId: job.jobId },
    ourLogin: login ?? (await ourLogin(github)),
  });
  if (!found.ok) return found;
  if (run.pullRequest && found.state !== "open") {
    return { ok: false, final: true, reason: notOpenAnyMore(found.pullRequest.number, found.state) };
  }
  const conflicts = (await isMergeable(github, run.repository, found.pullRequest.number)) === false;
  return {
    ok: true,
    // What GitHub lists may lag behind the push.
    pullRequest: { ...found.pullRequest, commit },
    runsByItself,
    ...(runsByItselfCount && { runsByItselfCount }),
    ...(conflicts && { warning: baseMoved(run) }),
  };
}

const CANCELLED: Reason = {
  code: "cancelled",
  message: "Cancelled before a pull request was opened.",
  nextStep: "The patch is kept; a button on the card runs it again.",
};

const otherTree = (run: RepoRun, treeId: string): Reason => ({
  code: "tree-mismatch",
  message: `The stored patch gives tree ${treeId.slice(0, 12)}, Work recorded ${run.patch!.treeId.slice(0, 12)}; nothing was pushed.`,
  nextStep: "Press Retry failed; if it happens again, tell whoever runs Cody.",
});

const notOpenAnyMore = (number: number, state: string): Reason => ({
  code: "pull-request-closed",
  message: `Pull request #${number} was ${state} meanwhile, so nothing was added to it.`,
  nextStep: "Follow up in the thread: the next round opens a new pull request. The patch can be downloaded.",
});

/** The pull request stands on the commit that was pinned when the job began. */
const baseMoved = ({ baseBranch }: RepoRun): Reason => ({
  code: "conflicts",
  message: `The pull request is open, but ${baseBranch} has changed since and does not merge with it.`,
  nextStep: "Merge the base branch into it by hand, or start a new job from the newest commit.",
});

const moved = (branch: string): Reason => ({
  code: "branch-moved",
  message: `Somebody else's commit is on ${branch}, so Cody left it alone.`,
  nextStep: "Download the patch and apply it by hand, or delete that branch and retry.",
});
