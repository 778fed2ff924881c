import { showJob, type ThreadDeps } from "./thread.ts";

/**
 * Each job once, all at the same time (one job's pause of 2 s must not hold up the others). Returns what failed, for a
 * partial batch response; never throws.
 */
export async function showJobs(
  deps: ThreadDeps,
  jobIds: Iterable<string>,
): Promise<{ jobId: string; error: unknown }[]> {
  const ids = [...new Set(jobIds)];
  const results = await Promise.allSettled(ids.map((jobId) => showJob(deps, jobId)));
  return results.flatMap((result, i) =>
    result.status === "rejected" ? [{ jobId: ids[i]!, error: result.reason }] : [],
  );
}
