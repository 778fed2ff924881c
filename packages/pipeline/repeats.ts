import type { Job } from "../jobs/job.ts";
import type { PullRequest } from "../jobs/pull-request.ts";
import type { PullRequestState } from "../jobs/pull-request-status.ts";
import { because } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";

/** A pull request of another job in the same repository, as its row has it. */
export type Other = { jobId: string; prompt: string; baseBranch: string | undefined; pullRequest: PullRequest };

/** Each one costs a request to GitHub. */
const MAX_SAME = 3;
const MAX_OTHER = 3;

/** How many runs of a repository are looked through for one that did the same. */
const MAX_EARLIER = 50;

type Rows = {
  /** Newest first. */
  runsOfRepository(of: { teamId: string; repository: string }, page: { limit: number }): Promise<{ items: RepoRun[] }>;
  jobsById(jobIds: readonly string[]): Promise<Job[]>;
};

/** The pull requests in this repository that Plan asks GitHub about. */
export const findOthers =
  ({ runsOfRepository, jobsById }: Rows) =>
  async (job: Job, repository: string): Promise<Other[]> => {
    const { items } = await runsOfRepository({ teamId: job.teamId, repository }, { limit: MAX_EARLIER });
    const runs = items.filter(({ jobId, pullRequest }) => pullRequest && jobId !== job.jobId);
    if (runs.length === 0) return [];
    return othersToAskAbout(job, runs, await jobsById([...new Set(runs.map(({ jobId }) => jobId))]));
  };

/** Pure: whose pull requests to ask about, those for the same task first. Newest first, as the rows come. */
export function othersToAskAbout(job: Job, runs: readonly RepoRun[], jobs: readonly Job[]): Other[] {
  const others = runs.flatMap((run): Other[] => {
    const prompt = jobs.find(({ jobId }) => jobId === run.jobId)?.prompt;
    const { jobId, baseBranch, pullRequest } = run;
    if (jobId === job.jobId || prompt === undefined || !pullRequest || pullRequest.closed) return [];
    return [{ jobId, prompt, baseBranch, pullRequest }];
  });
  const same = others.filter(({ prompt }) => isSameTask(prompt, job.prompt));
  const rest = others.filter((other) => !same.includes(other));
  return [...same.slice(0, MAX_SAME), ...rest.slice(0, MAX_OTHER)];
}

/** Pure: the open pull request that this job would make again, and the other open ones of Cody's. */
export function repeatOf(
  job: Job,
  others: readonly Other[],
  { baseBranch, states }: { baseBranch: string; states: Record<number, PullRequestState> },
): { same?: Other; open: Other[] } {
  const open = others.filter(({ pullRequest }) => states[pullRequest.number] === "open");
  const same = open.find((other) => other.baseBranch === baseBranch && isSameTask(other.prompt, job.prompt));
  return { open, ...(same && { same }) };
}

export const repeatsOpen = (repository: string, { jobId, pullRequest }: Other) =>
  because("repeats-open-pull-request", repository, pullRequest, jobId);

/** Case, spaces and the marks of prose around words make no other task; a digit does, and a sign of code (`a < b`). */
export const isSameTask = (a: string, b: string) => wordsOf(a) === wordsOf(b);
const wordsOf = (prompt: string) =>
  prompt
    .normalize("NFKC")
    .toLowerCase()
    .split(/\s+/u)
    .map((word) => word.replace(/^["'`“”„‘’«»([]+|["'`“”„‘’«»)\].,;:!?…]+$/gu, ""))
    .filter((word) => word !== "")
    .join(" ");
