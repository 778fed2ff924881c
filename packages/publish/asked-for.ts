import type { JobRecord } from "../jobs/job-record.ts";
import { beganAnewIn, type RepoRun } from "../jobs/repo-run.ts";
import { askedIn } from "../jobs/round.ts";

/**
 * What people asked for in a pull request, oldest first: the job's prompt and every follow-up on this repository. After
 * a merge it begins with the follow-up that began anew. Pure.
 */
export function askedFor({ job, rounds }: JobRecord, run: RepoRun): [string, ...string[]] {
  const anew = beganAnewIn(run) ?? 0;
  const [first, ...later] = rounds
    .filter(({ round, repositories }) => round >= anew && round <= run.round && repositories.includes(run.repository))
    .toSorted((a, b) => a.round - b.round)
    .flatMap((round) => askedIn(round) ?? []);
  if (first === undefined) return [job.prompt];
  return anew === 0 ? [job.prompt, first, ...later] : [first, ...later];
}
