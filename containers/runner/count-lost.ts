import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { withLost } from "../../packages/jobs/usage.ts";
import type { Lease } from "../../packages/store/runs.ts";
import type { WorkDeps } from "./work-deps.ts";

/**
 * An attempt that died while Claude answered has left its request on the row. Is there no such turn in the store, then
 * what it cost is counted as lost, in the same write that takes the request away: however often, it counts once.
 */
export async function countLost(
  lease: Lease,
  run: RepoRun,
  { jobs, records, log }: Pick<WorkDeps, "jobs" | "records" | "log">,
): Promise<RepoRun> {
  const { asking } = run;
  if (!asking) return run;
  const stored = await records.hasTurn(lease, asking.turn);
  if (!stored) log("a turn was lost", { turn: asking.turn, estimatedUsd: asking.usd });
  return jobs.updateRun(lease, { asking: undefined, lost: stored ? run.lost : withLost(run.lost, asking) });
}
