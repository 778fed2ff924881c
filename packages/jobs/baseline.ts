import { failureLines } from "../text/failure-lines.ts";
import { type CommandResult, couldNotRun } from "./outcome.ts";
import type { SettingOrigin } from "./repository-settings.ts";

/** Times, counts and addresses differ from run to run. */
const withoutNumbers = (line: string) => line.replace(/\d+(?:\.\d+)?/g, "#").trim();

/**
 * Whether a check fails on a change as it failed before it: it ends alike, and names no failure that it did not name
 * then. A time-out says too little to compare. Pure.
 */
export function failsAsBefore(now: CommandResult, before: CommandResult | undefined): boolean {
  if (!before || now.command !== before.command || now.exitCode === null || now.exitCode === 0) return false;
  if (now.exitCode !== before.exitCode) return false;
  if (couldNotRun(now)) return true;
  const known = new Set(failureLines(before.tail).map(withoutNumbers));
  return failureLines(now.tail).every((line) => known.has(withoutNumbers(line)));
}

export type CheckWeight = "full" | "pass-only" | "nothing";

/**
 * What a check that failed before the change still decides. One that a person asked for is repaired; one that build files
 * alone suggest never makes a result worse than without a check: where it cannot run, there is none ("nothing"), and
 * where it fails, only a pass on the change counts ("pass-only"). Pure.
 */
export function weightOf(check: SettingOrigin | undefined, baseline: CommandResult | undefined): CheckWeight {
  if (check?.source !== "suggested" || !baseline || baseline.exitCode === 0) return "full";
  return couldNotRun(baseline) ? "nothing" : "pass-only";
}

/** What the model and people are told of the base commit's own check. */
export function baselineWords(result: CommandResult): string {
  const { exitCode, timedOut, durationMs } = result;
  if (couldNotRun(result)) return "cannot run here";
  if (timedOut) return `does not end within ${Math.round(durationMs / 1_000)} s`;
  if (exitCode === null) return "is ended by a signal";
  return exitCode === 0 ? "passes" : `fails with exit code ${exitCode}`;
}
