import { refusalOf } from "../github/refusals.ts";
import { pullRequestState } from "../github/repositories.ts";
import { endingReasonOf, withRetries } from "../github/with-retries.ts";
import type { Job } from "../jobs/job.ts";
import { because } from "../jobs/reasons.ts";
import { endsByCancel, type RepoRun } from "../jobs/repo-run.ts";
import { afterReplies, leftUntold } from "../jobs/run-pull-request.ts";
import type { Lease, RunChanges } from "../store/runs.ts";
import { answerReview } from "./answer-review.ts";
import type { PublishDeps } from "./publish-deps.ts";

/**
 * A round on a review found that nothing is to be changed, or that nothing of the change is needed: people are told so
 * below their comments, and nothing is pushed. The run ends as it was decided, whatever becomes of the replies.
 */
export async function replyAlone(job: Job, lease: Lease, run: RepoRun, deps: PublishDeps): Promise<RunChanges> {
  const { jobs, github, refused, clock, deadlineMs, log } = deps;
  const ended = { ...afterReplies(run), activity: undefined };
  if (endsByCancel(job, run)) return ended;
  await jobs.updateRun(lease, { state: "publishing", activity: "answering the review" });
  if (refused) return { ...ended, reason: leftUntold(run, refused) };
  const { number, nodeId } = run.pullRequest!;
  const holdLease = () => jobs.updateRun(lease, {});
  try {
    return await withRetries(
      "Answering the review",
      async () => {
        const state = await pullRequestState(github, run.repository, number);
        if (state !== "open") return { ...ended, reason: because("pull-request-closed", number, state) };
        const notAnswered = await answerReview(run, { nodeId, number }, { ...deps, holdLease });
        log("answered");
        return { ...ended, reason: undefined, ...(notAnswered !== undefined && { notAnswered }) };
      },
      { forMs: deadlineMs, clock, onWait: (words) => log("answering failed, trying again", { words }) },
    );
  } catch (error) {
    const reason = endingReasonOf(error) ?? refusalOf(error, run.repository);
    if (reason) return { ...ended, reason: leftUntold(run, reason) };
    throw error;
  }
}
