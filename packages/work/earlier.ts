import type { JobRecord } from "../jobs/job-record.ts";
import type { RepoRun } from "../jobs/repo-run.ts";

/**
 * The task as the first message of a conversation says it. A retry starts afresh, so what was asked for since belongs
 * to it; so does a follow-up after a merge, where everything before it stands in the tree.
 */
export function promptOf({ job, rounds }: JobRecord, run: RepoRun, chain: readonly number[]): string {
  const [first = run.round] = chain;
  const mine = rounds.filter(({ repositories }) => repositories.includes(run.repository));
  const since = mine.filter(({ round, kind }) => kind === "refine" && round < first);
  const asked = [job.prompt, ...since.map(({ prompt }) => `The requester added later:\n${prompt}`)].join("\n\n");
  const merged = run.leftBehind?.findLast(({ round, state }) => state === "merged" && round === first)?.pullRequest;
  if (!merged) return asked;
  const now = mine.find(({ round }) => round === first)?.prompt ?? "Do what is left of it.";
  return `${now}\n\nFor context only. This was asked for before; pull request #${merged.number} with it is merged, so it stands in the tree:\n${asked}`;
}
