import type { Job } from "../jobs/job.ts";
import type { PullRequest } from "../jobs/pull-request.ts";
import type { PullRequestState } from "../jobs/pull-request-status.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { isOpenNow } from "../jobs/run-pull-request.ts";
import type { Schedule } from "../jobs/schedule.ts";
import { hasEnded } from "../jobs/states.ts";

export type LeftOutDeps = {
  jobsById(jobIds: readonly string[]): Promise<Job[]>;
  runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]>;
  /** What GitHub says now: what was seen last may be hours old. "unknown": it does not show it. */
  pullRequestNow(repository: string, pullRequest: PullRequest): Promise<PullRequestState | "unknown">;
};

/** Which repositories a schedule takes now, and why it leaves the others out. */
export async function takenNow(
  deps: LeftOutDeps,
  { repositories, lastJobs }: Pick<Schedule, "repositories" | "lastJobs">,
): Promise<{ taken: string[]; leftOut: Reason[] }> {
  const jobs = await deps.jobsById([...new Set(Object.values(lastJobs))]);
  const runs = await deps.runsOfJobs(jobs);
  const reasons = await Promise.all(
    repositories.map((repository) => {
      const job = jobs.find(({ jobId }) => jobId === lastJobs[repository]);
      const run = runs.find((one) => one.jobId === job?.jobId && one.repository === repository);
      return job && leftOutBecause(deps, { repository, jobId: job.jobId, run });
    }),
  );
  return {
    taken: repositories.filter((_, i) => reasons[i] === undefined),
    leftOut: reasons.filter((reason) => reason !== undefined),
  };
}

async function leftOutBecause(
  { pullRequestNow }: LeftOutDeps,
  { repository, jobId, run }: { repository: string; jobId: string; run: RepoRun | undefined },
): Promise<Reason | undefined> {
  if (!run || !hasEnded(run.state)) return because("schedule-unfinished", repository, jobId);
  const { pullRequest } = run;
  if (!pullRequest || !isOpenNow(run)) return undefined;
  const state = await pullRequestNow(repository, pullRequest);
  if (state === "open") return because("schedule-pull-request-open", repository, pullRequest);
  // It may be open: a second one would stand beside it.
  return state === "unknown" ? because("schedule-pull-request-unknown", repository, pullRequest) : undefined;
}
