import type { JobRecord } from "../jobs/job-record.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { Schedule, ScheduleChange } from "../jobs/schedule.ts";
import { MAX_FAILED_RUNS } from "../jobs/schedule-reasons.ts";
import { isDone, runStanding } from "../jobs/standings.ts";
import { isAtRest, waitsForPerson } from "../jobs/states.ts";

/** So long after a look at a job that runs the next one is due. */
export const SETTLE_MS = 5 * 60_000;

/** "neither": it was stopped by people, or made a patch that a rule kept from becoming a pull request. */
type JobEnding = "done" | "failed" | "neither";

/** Pure: how a job counts for its schedule; undefined: it goes on. A decision that is waited for counts as done. */
function endingOfJob({ job, runs }: Pick<JobRecord, "job" | "runs">): JobEnding | undefined {
  if (runs.length < job.repositories.length || !runs.every(({ state }) => isAtRest(state))) return undefined;
  if (runs.some((run) => isDone(run) || waitsForPerson(run.state))) return "done";
  return runs.some((run) => ["failed", "blocked"].includes(runStanding(run)!)) ? "failed" : "neither";
}

/** Pure: what the ends of its jobs change about a schedule, and why it is paused with that. */
export function settled(
  { unsettled, failures, paused }: Pick<Schedule, "unsettled" | "failures" | "paused">,
  records: ReadonlyMap<string, Pick<JobRecord, "job" | "runs">>,
  now: Date,
): { change: ScheduleChange; pausedFor?: Reason } {
  const endings = unsettled.map((jobId) => {
    const record = records.get(jobId);
    // A job that is not there has nothing to count.
    return { jobId, ending: record ? endingOfJob(record) : ("neither" as const) };
  });
  const left = endings.filter(({ ending }) => ending === undefined).map(({ jobId }) => jobId);
  const count = endings.reduce(
    (failed, { ending }) => (ending === "failed" ? failed + 1 : ending === "done" ? 0 : failed),
    failures,
  );
  const change: ScheduleChange = {
    unsettled: left,
    failures: count,
    lookAt: left.length > 0 ? new Date(now.getTime() + SETTLE_MS).toISOString() : undefined,
  };
  if (count < MAX_FAILED_RUNS || paused) return { change };
  const reason = because("schedule-failures");
  return { change: { ...change, nextAt: undefined, paused: { at: now.toISOString(), reason } }, pausedFor: reason };
}
