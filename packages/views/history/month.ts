import type { RepoRun } from "../../jobs/repo-run.ts";
import { plural } from "../../text/counts.ts";
import { duration } from "../../text/duration.ts";
import { type ListedJob, spendWords, usefulMs } from "./outcomes.ts";

export type Month = {
  /** The first day, `2026-11-01`. */
  since: string;
  /** Newest first. */
  jobs: ListedJob[];
  /** There were more than were read: the figures are of the newest. */
  cut: boolean;
};

export const monthStart = (now: Date) => `${now.toISOString().slice(0, 7)}-01`;

function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function monthFigures({ jobs, cut }: Month): [string, string][] {
  const runs = jobs.flatMap((listed) => listed.runs);
  const pullRequests = runs.filter((run) => run.pullRequest).length;
  const typical = median(jobs.map(usefulMs).filter((ms) => ms !== undefined));
  return [
    ["Jobs", cut ? `over ${jobs.length}; the figures are of the newest ${jobs.length}` : `${jobs.length}`],
    ["Pull requests", `${pullRequests}`],
    ["Spent", spendWords(runs)],
    ["Median time to a result", typical === undefined ? "no result yet" : duration(typical)],
  ];
}

export type RepositoryFigures = { repository: string; jobs: number; pullRequests: number; last: RepoRun };

/** Every repository of these jobs, the one that was used last first. */
export function repositoriesOf(jobs: readonly ListedJob[]): RepositoryFigures[] {
  const figures = new Map<string, RepositoryFigures>();
  for (const run of jobs.flatMap((listed) => listed.runs)) {
    const name = run.repository.toLowerCase();
    const known = figures.get(name) ?? { repository: run.repository, jobs: 0, pullRequests: 0, last: run };
    figures.set(name, {
      ...known,
      jobs: known.jobs + 1,
      pullRequests: known.pullRequests + (run.pullRequest ? 1 : 0),
    });
  }
  return [...figures.values()];
}

export const repositoryWords = ({ jobs, pullRequests }: RepositoryFigures) =>
  `${plural(jobs, "job")}, ${plural(pullRequests, "pull request")}`;
