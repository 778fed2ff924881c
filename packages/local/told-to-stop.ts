import type { EventEmitter } from "node:events";
import { constants } from "node:os";

/** npm hands on a Ctrl-C that the terminal has given to every program already: what comes so soon is the same one. */
const SAME_MS = 1_000;

/** A terminal that closes, and one whose output is not read any more (closed-output.ts). */
const GONE = "SIGHUP";

/**
 * Calls back at the first Ctrl-C, SIGTERM or closed terminal; another Ctrl-C or SIGTERM later ends the process as it is.
 * What launch.js answered while the program was loading counts no more.
 */
export function onceToldToStop(
  act: (signal: "SIGINT" | "SIGTERM" | "SIGHUP") => void,
  { on = process as EventEmitter, now = Date.now, exit = (code: number): void => process.exit(code) } = {},
): void {
  let first: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", GONE] as const) {
    const before = on.listeners(signal);
    on.on(signal, () => {
      if (first === undefined) {
        first = now();
        act(signal);
      } else if (signal !== GONE && now() - first > SAME_MS) exit(128 + constants.signals[signal]);
    });
    // Afterwards: a signal that waits while there is no listener at all is lost.
    for (const listener of before) on.off(signal, listener as () => void);
  }
}
