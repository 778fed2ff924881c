import { refusalOf } from "../github/refusals.ts";
import { pullRequestState } from "../github/repositories.ts";
import { endingReasonOf, withRetries } from "../github/with-retries.ts";
import type { RunRef } from "../jobs/execution.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { because } from "../jobs/reasons.ts";
import { cancelledRest, endsByCancel, type RepoRun } from "../jobs/repo-run.ts";
import { isStoppedDraft, needsPullRequest, owesOnlyReplies } from "../jobs/run-pull-request.ts";
import { redactedRows } from "../store/redacted-rows.ts";
import type { RunChanges } from "../store/runs.ts";
import { answerReview } from "./answer-review.ts";
import { closeStale } from "./close-stale.ts";
import { refused, refusedForGood } from "./endings.ts";
import { openPullRequest, type Published } from "./open-pull-request.ts";
import type { LeasedDeps, PublishDeps } from "./publish-deps.ts";
import { pushPatch } from "./push-patch.ts";
import { replyAlone } from "./reply-alone.ts";

/**
 * Publishes the stored patch: branch, commit, pull request. It runs nothing of the repository, and every step finds
 * what an earlier attempt did. What it throws means: try again.
 */
export async function publish(ref: RunRef, given: PublishDeps): Promise<void> {
  const deps = { ...given, jobs: redactedRows(given.jobs, given.redactor) };
  const run = await deps.jobs.claimRun(ref);
  if (!run) return deps.log("nothing to do: this round's run has ended or another round is active");
  const lease = { ...ref, attempt: run.attempt };
  const record = await deps.jobs.readJob(ref.jobId);
  const round = record?.rounds.find((one) => one.round === ref.round);
  if (!record || !round) throw new Error(`Job ${ref.jobId} has no round ${ref.round} in the table.`);
  if (owesOnlyReplies(run)) {
    await deps.jobs.updateRun(lease, await replyAlone(record.job, lease, run, deps));
    return;
  }
  if (endsByCancel(record.job, run)) {
    await deps.jobs.updateRun(lease, { ...cancelledRest(run), activity: undefined });
    return deps.log("cancelled before anything was pushed");
  }
  if (round.kind === "close") {
    await deps.jobs.updateRun(lease, await closeStale(lease, run, deps));
    return;
  }
  if (!needsPullRequest(run)) throw new Error(`The run of ${ref.repository} has nothing to publish.`);
  await deps.jobs.updateRun(lease, { state: "publishing", activity: "opening the pull request" });
  const holdLease = () => deps.jobs.updateRun(lease, {});
  const published = await untilPublished(record, run, { ...deps, holdLease });
  // First: a pull request that a crash leaves behind is looked at all the same.
  if (published.ok) await deps.jobs.watchPullRequest(run, published.pullRequest);
  if (published.ok && record.job.repositories.length > 1) await deps.jobs.markSections(ref.jobId);
  await deps.jobs.updateRun(lease, endingOf(run, published));
  deps.log("published", published.ok ? { pullRequest: published.pullRequest.url } : { reason: published.reason.code });
}

function endingOf(run: RepoRun, published: Published): RunChanges {
  if (!published.ok)
    return { state: published.final ? "patch-ready" : "failed", activity: undefined, reason: published.reason };
  return {
    state: "published",
    activity: undefined,
    // Why a limit stopped it stays: the limit can still be raised.
    reason: published.warning ?? (isStoppedDraft(run) ? run.reason : undefined),
    pullRequest: { ...published.pullRequest, ...(run.patch && { treeId: run.patch.treeId }) },
    runsByItself: published.runsByItself.length > 0 ? published.runsByItself : undefined,
    runsByItselfCount: published.runsByItselfCount,
    ...(published.notAsked !== undefined && { notAsked: published.notAsked }),
    ...(published.notAnswered !== undefined && { notAnswered: published.notAnswered }),
  };
}

async function untilPublished(record: JobRecord, run: RepoRun, deps: LeasedDeps): Promise<Published> {
  if (deps.refused) return refused(deps.refused);
  try {
    // Every step finds what an earlier try of it did, so all of them together can be tried again.
    return await withRetries("Publishing", () => tryOnce(record, run, deps), {
      forMs: deps.deadlineMs,
      clock: deps.clock,
      onWait: (words) => deps.log("publishing failed, trying again", { words }),
    });
  } catch (error) {
    const reason = endingReasonOf(error) ?? refusalOf(error, run.repository);
    if (reason) return refused(reason);
    throw error;
  }
}

async function tryOnce(record: JobRecord, run: RepoRun, deps: LeasedDeps): Promise<Published> {
  const { pullRequest } = run;
  if (pullRequest) {
    const state = await pullRequestState(deps.github, run.repository, pullRequest.number);
    if (state !== "open") return refusedForGood(because("pull-request-closed", pullRequest.number, state));
  }
  const pushed = await pushPatch(record, run, deps);
  if (!pushed.ok) return pushed;
  const published =
    pullRequest && pushed.commit === pullRequest.commit
      ? { ...pushed, pullRequest }
      : await openPullRequest(record, run, pushed, deps);
  if (!published.ok) return published;
  // Last: a reply speaks of what is there to be seen.
  const notAnswered = await answerReview(run, published.pullRequest, deps);
  return { ...published, ...(notAnswered !== undefined && { notAnswered }) };
}
