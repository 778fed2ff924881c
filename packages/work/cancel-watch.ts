import { Cancelled } from "../agent/endings.ts";
import type { Clock } from "../clock/clock.ts";
import type { RunRef } from "../jobs/execution.ts";
import { cancelOf } from "../jobs/job.ts";
import type { JobStore } from "../store/jobs.ts";

const LOOK_MS = 5_000;

/** Looks at the job's row every few seconds, so that a cancel also ends a long thought, clone or command. */
export function watchForCancel(
  ref: RunRef,
  { jobs, clock }: { jobs: Pick<JobStore, "readCancels">; clock: Clock },
): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const watch = clock.every(LOOK_MS, async () => {
    // A look that fails is followed by the next one; a run that cannot reach the table at all ends by its own writes.
    const job = await jobs.readCancels(ref.jobId).catch(() => undefined);
    if (job && cancelOf(job, ref.repository, ref.round)) controller.abort(new Cancelled());
  });
  return { signal: controller.signal, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}
