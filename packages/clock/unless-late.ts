import { setTimeout as sleep } from "node:timers/promises";

/** What comes within `ms`, else `late`. What is late goes on, and keeps no process alive by this. */
export const unlessLate = <Value, Late = undefined>(
  value: Promise<Value>,
  ms: number,
  late?: Late,
): Promise<Value | Late> => Promise.race([value, sleep(ms, late as Late, { ref: false })]);
