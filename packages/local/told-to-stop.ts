import type { EventEmitter } from "node:events";

/** npm hands on a Ctrl-C that the terminal has given to every program already: what comes so soon is the same one. */
const SAME_MS = 1_000;

/** Calls back at the first Ctrl-C or SIGTERM; another one later ends the process as it is. */
export function onceToldToStop(
  act: (signal: "SIGINT" | "SIGTERM") => void,
  { on = process as EventEmitter, now = Date.now, exit = (code: number): void => process.exit(code) } = {},
): void {
  let first: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    on.on(signal, () => {
      if (first === undefined) {
        first = now();
        act(signal);
      } else if (now() - first > SAME_MS) exit(signal === "SIGINT" ? 130 : 143);
    });
}
