import { closePullRequest } from "../github/close-pull-request.ts";
import { inertLine } from "../github/inert-markdown.ts";
import { closeRefusalOf } from "../github/refusals.ts";
import { endingReasonOf, withRetries } from "../github/with-retries.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import type { Lease, RunChanges } from "../store/runs.ts";
import type { PublishDeps } from "./publish-deps.ts";

const MAX_SUMMARY = 600;

/**
 * A later round found that nothing is needed, and a person agreed that its pull request may go. Where GitHub refuses, the
 * run ends as it was, with the reason beside the button.
 */
export async function closeStale(
  lease: Lease,
  run: RepoRun,
  {
    jobs,
    github,
    refused,
    clock,
    deadlineMs,
    log,
  }: Pick<PublishDeps, "jobs" | "github" | "refused" | "clock" | "deadlineMs" | "log">,
): Promise<RunChanges> {
  const { pullRequest, verdict } = run;
  const ended = { state: "unchanged", activity: undefined } as const;
  // A queued run may not end as unchanged: it goes on to publish first, whatever comes of it.
  await jobs.updateRun(lease, { state: "publishing", activity: "closing the pull request" });
  if (!pullRequest) return ended;
  if (refused) return { ...ended, reason: refused };
  const why = `A later look found that nothing is needed here any more. ${inertLine(verdict?.summary ?? "", MAX_SUMMARY)}`;
  try {
    await withRetries("Closing", () => closePullRequest(github, run.repository, pullRequest, why.trim()), {
      forMs: deadlineMs,
      clock,
      onWait: (words) => log("closing failed, trying again", { words }),
    });
  } catch (error) {
    const reason = endingReasonOf(error) ?? closeRefusalOf(error, run.repository);
    if (reason) return { ...ended, reason };
    throw error;
  }
  log("closed", { pullRequest: pullRequest.url });
  return { ...ended, pullRequest: { ...pullRequest, closed: true } };
}
