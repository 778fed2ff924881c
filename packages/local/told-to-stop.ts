import type { EventEmitter } from "node:events";

/** npm hands on a Ctrl-C that the terminal has given to every program already: what comes so soon is the same one. */
const SAME_MS = 1_000;

/**
 * Calls back at the first Ctrl-C or SIGTERM; another one later ends the process as it is. What launch.js answered while
 * the program was loading counts no more.
 */
export function onceToldToStop(
  act: (signal: "SIGINT" | "SIGTERM") => void,
  { on = process as EventEmitter, now = Date.now, exit = (code: number): void => process.exit(code) } = {},
): void {
  let first: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const before = on.listeners(signal);
    on.on(signal, () => {
      if (first === undefined) {
        first = now();
        act(signal);
      } else if (now() - first > SAME_MS) exit(signal === "SIGINT" ? 130 : 143);
    });
    // Afterwards: a signal that waits while there is no listener at all is lost.
    for (const listener of before) on.off(signal, listener as () => void);
  }
}
