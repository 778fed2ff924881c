import { TurnTaken } from "../../packages/agent/endings.ts";
import { LeaseLost } from "../../packages/store/lease-lost.ts";

/** Fargate Spot and a stopped execution say SIGTERM: leave now, the stored turns are the checkpoint. */
class Stopped extends Error {
  override name = "Stopped";
}

/**
 * sysexits.h, EX_TEMPFAIL: another attempt has the lease or stored the turn. That one may be a second task of one
 * RunTask, or one that was given up, whose end is not waited for. So this is no ending; the next attempt takes over
 * both.
 */
const TAKEN_OVER = 75;

/**
 * Runs a task to its exit code. 0: the round's outcome is on the row; anything else asks the state machine to try
 * again.
 */
export async function runTask(task: (stop: AbortSignal) => Promise<void>): Promise<never> {
  const stopping = new AbortController();
  process.once("SIGTERM", () => stopping.abort(new Stopped("SIGTERM")));
  try {
    await task(stopping.signal);
    process.exit(0);
  } catch (error) {
    if (error instanceof LeaseLost || error instanceof TurnTaken) {
      console.log(JSON.stringify({ event: "another attempt has taken over", message: error.message }));
      process.exit(TAKEN_OVER);
    }
    if (stopping.signal.aborted) process.exit(143);
    throw error;
  }
}
