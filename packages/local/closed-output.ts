import type { EventEmitter } from "node:events";
import { isCode } from "../filesystem/error-code.ts";

/** The program behind a pipe has ended; the terminal is gone. */
const CLOSED = ["EPIPE", "EIO"];

/** Output that is not read any more tells a program to stop, as a closed terminal does; it is no error of ours. */
export function stopWhenClosed(outputs: readonly EventEmitter[], on: EventEmitter = process): void {
  for (const output of outputs)
    output.on("error", (error: unknown) => {
      if (!CLOSED.some((code) => isCode(error, code))) throw error;
      on.emit("SIGHUP", "SIGHUP");
    });
}
