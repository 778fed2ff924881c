import { sameRepository } from "../jobs/ids.ts";
import { cancelOf, type Job } from "../jobs/job.ts";
import { MAX_ALIKE, type RepoRun } from "../jobs/repo-run.ts";
import { hasEnded } from "../jobs/states.ts";
import { isSameTask } from "./repeats.ts";

/** Another job with the same task. `run`: absent as long as its Plan has not looked at the repository. */
export type Alike = { job: Job; repository: string; run: RepoRun | undefined };

/** How many of the newest jobs of a workspace are looked through. */
const NEWEST = 100;

type Rows = {
  /** Newest first. */
  jobsOfTeam(teamId: string, page: { limit: number }): Promise<{ items: Job[] }>;
  runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]>;
};

/**
 * Jobs for the same task that were submitted before this one and have not ended. Of two that are planned at once it is
 * the later one that sees the other: a job's row stands from its submit on, its runs only after Plan.
 */
export const findUnfinishedAlike =
  ({ jobsOfTeam, runsOfJobs }: Rows) =>
  async (job: Job): Promise<Alike[]> => {
    const { items } = await jobsOfTeam(job.teamId, { limit: NEWEST });
    const jobs = items.filter((other) => isBefore(other, job) && isSameTask(other.prompt, job.prompt));
    return jobs.length === 0 ? [] : unfinished(jobs, await runsOfJobs(jobs));
  };

/** Pure: what of these jobs has not ended, a repository each. */
export const unfinished = (jobs: readonly Job[], runs: readonly RepoRun[]): Alike[] =>
  jobs.flatMap((job) =>
    job.repositories.flatMap((repository): Alike[] => {
      const run = runs.find((one) => one.jobId === job.jobId && one.repository === repository);
      const isOver = run ? hasEnded(run.state) : false;
      return isOver || cancelOf(job, repository, run?.round ?? 1) ? [] : [{ job, repository, run }];
    }),
  );

/** Pure: those of them that do the same to this branch of this repository. A branch that is not known yet may be it. */
export const alikeHere = (all: readonly Alike[], here: { repository: string; baseBranch: string }): string[] =>
  all
    .filter(({ job, repository, run }) => {
      const branch = run?.baseBranch ?? job.options.baseBranch ?? here.baseBranch;
      return sameRepository(repository, here.repository) && branch === here.baseBranch;
    })
    .slice(0, MAX_ALIKE)
    .map(({ job }) => job.jobId);

const isBefore = (a: Job, b: Job) => a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.jobId < b.jobId);
