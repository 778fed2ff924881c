import type { Clock } from "../clock/clock.ts";
import type { RunningCommand } from "../jobs/outcome.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { JobStore } from "../store/jobs.ts";
import type { Lease } from "../store/runs.ts";
import { tail } from "../text/cut.ts";

const FOLLOW_MS = 5_000;
/** Looked at for secrets: a key of several lines is known as a whole only. */
const MAX_LOOKED_AT = 64 * 1024;
const MAX_SHOWN = 1_500;

/** The last whole lines, at most `max` characters: the line that is being written may hold half a secret. */
export function lastWholeLines(output: string, max: number): string {
  const whole = output.slice(0, output.lastIndexOf("\n") + 1);
  const cut = tail(whole, max);
  return cut.length < whole.length ? cut.slice(cut.indexOf("\n") + 1) : cut;
}

type Followed = {
  jobs: Pick<JobStore, "updateRun">;
  redactor: Pick<Redactor, "redact">;
  clock: Pick<Clock, "every">;
};

/**
 * Runs a command of the job, and says in the row every few seconds what it printed last: minutes of a
 * setup are no standstill. A word of progress that cannot be written is none: the next write of the run tells why.
 */
export async function followCommand<Result>(
  lease: Lease,
  { jobs, redactor, clock }: Followed,
  begun: RunningCommand,
  run: (follow: (soFar: () => string) => void) => Promise<Result>,
): Promise<Result> {
  let soFar = () => "";
  let writing: Promise<unknown> = Promise.resolve();
  let shown = { of: "", tail: "" };
  const say = async () => {
    const lines = lastWholeLines(soFar(), MAX_LOOKED_AT);
    // What a quiet command printed is looked through once; the row is written all the same, as its time goes on.
    if (lines !== shown.of) shown = { of: lines, tail: lastWholeLines(await redactor.redact(lines), MAX_SHOWN) };
    await jobs.updateRun(lease, { runningCommand: { ...begun, tail: shown.tail } });
  };
  const timer = clock.every(FOLLOW_MS, () => {
    writing = writing.then(say).catch(() => {});
  });
  try {
    return await run((read) => {
      soFar = read;
    });
  } finally {
    timer[Symbol.dispose]();
    await writing;
  }
}
