import type { RepoRun } from "../jobs/repo-run.ts";
import { totalsAfter, withLost } from "../jobs/usage.ts";
import type { Lease } from "../store/runs.ts";
import type { WorkDeps } from "./work-deps.ts";

/**
 * An attempt that died while Claude answered has left its request on the row. Where the store has such a turn, it died
 * between the two writes, and the totals are what the stored turns say; else what the answer cost is counted as lost.
 * The same write takes the request away: however often this runs, it counts once.
 */
export async function countLost(
  lease: Lease,
  run: RepoRun,
  { jobs, records, log }: Pick<WorkDeps, "jobs" | "records" | "log">,
): Promise<RepoRun> {
  const { asking } = run;
  if (!asking) return run;
  if (await records.hasTurn(lease, asking.turn))
    return jobs.updateRun(lease, { asking: undefined, ...totalsAfter(run.before, await records.turnsOf(lease)) });
  log("a turn was lost", { turn: asking.turn, estimatedUsd: asking.usd });
  return jobs.updateRun(lease, { asking: undefined, lost: withLost(run.lost, asking) });
}
