import { setTimeout as wait } from "node:timers/promises";
import { steadyNow } from "./steady-clock.ts";

/** Time, where a use case needs it: passed in, so that a test of the protocol can be faster than time. */
export type Clock = {
  now(): Date;
  /** Goes on evenly, whatever happens to the time of day: for measuring how long something takes. */
  elapsedMs(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `look` again and again, until it is disposed of. */
  every(ms: number, look: () => unknown): Disposable;
};

export const systemClock: Clock = {
  now: () => new Date(steadyNow()),
  elapsedMs: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, signal && { signal }),
  every(ms, look) {
    const timer = setInterval(look, ms);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};
