import type { Job } from "../../jobs/job.ts";

type Store = {
  jobsOfTeam(
    teamId: string,
    page: { limit: number; after?: string | undefined; before?: string },
  ): Promise<{ items: Job[]; after?: string }>;
};

/**
 * A workspace's jobs since a time and before another one, newest first; the looks end once there are `max` of them.
 * `cut`: there are more. A page of rows that cannot be read is empty, and not the last one.
 */
export async function jobsSince(
  { jobsOfTeam }: Store,
  teamId: string,
  { since, before, max }: { since: string; before?: string; max: number },
): Promise<{ jobs: Job[]; cut: boolean }> {
  const jobs: Job[] = [];
  const isSince = (job: Job | undefined) => job === undefined || job.createdAt >= since;
  let after: string | undefined;
  do {
    const page = await jobsOfTeam(teamId, { limit: 100, after, ...(before !== undefined && { before }) });
    jobs.push(...page.items);
    after = page.after;
  } while (after !== undefined && jobs.length < max && isSince(jobs.at(-1)));
  return { jobs: jobs.filter(isSince), cut: after !== undefined && isSince(jobs.at(-1)) };
}
