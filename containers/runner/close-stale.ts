import { closePullRequest } from "../../packages/github/close-pull-request.ts";
import { inertLine } from "../../packages/github/inert-markdown.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import type { Lease, RunChanges } from "../../packages/store/runs.ts";
import type { PublishDeps } from "./publish-run.ts";

const MAX_SUMMARY = 600;

/** A later round found that nothing is needed, and a person agreed that its pull request may go. */
export async function closeStale(
  lease: Lease,
  run: RepoRun,
  { jobs, github, log }: Pick<PublishDeps, "jobs" | "github" | "log">,
): Promise<RunChanges> {
  const { pullRequest, verdict } = run;
  if (!pullRequest) return { state: "unchanged", activity: undefined };
  await jobs.updateRun(lease, { state: "publishing", activity: "closing the pull request" });
  const why = `A later look found that nothing is needed here any more. ${inertLine(verdict?.summary ?? "", MAX_SUMMARY)}`;
  await closePullRequest(github, run.repository, pullRequest, why.trim());
  log("closed", { pullRequest: pullRequest.url });
  return { state: "unchanged", activity: undefined, pullRequest: { ...pullRequest, closed: true } };
}
