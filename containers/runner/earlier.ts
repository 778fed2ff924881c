import type { JobRecord } from "../../packages/jobs/job-record.ts";

/** The task as its first message says it. A retry starts afresh, so what was asked for since belongs to it. */
export function promptOf({ job, rounds }: JobRecord, repository: string, chain: readonly number[]): string {
  const since = rounds.filter(
    ({ round, kind, repositories }) => kind === "refine" && round < chain[0]! && repositories.includes(repository),
  );
  return [job.prompt, ...since.map(({ prompt }) => `The requester added later:\n${prompt}`)].join("\n\n");
}
