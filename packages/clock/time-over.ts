import { systemClock } from "./clock.ts";

/** True once `ms` have passed since now: a function's pass begins nothing more then, and ends before it is ended. */
export function timeOver(ms: number): () => boolean {
  const began = systemClock.elapsedMs();
  return () => systemClock.elapsedMs() - began > ms;
}
