import type { CommandResult } from "./outcome.ts";

/** `why` follows "not verified"; `nextStep` says how to come to a pull request that is ready. */
export type Unverified = { why: string; nextStep: string };

const LOOK = "or mark it ready on GitHub once you have looked at it";

/** Pure: why nobody may take this change for a checked one. undefined: the job's check command passed on it. */
export function whyUnverified(
  verifyCommand: string | undefined,
  verification: CommandResult | undefined,
): Unverified | undefined {
  if (verification?.exitCode === 0) return undefined;
  if (verification?.notRun !== undefined)
    return {
      why: "the check command could not run here",
      nextStep: `Run Cody where commands have a sandbox, ${LOOK}.`,
    };
  if (verification)
    return {
      why: verification.timedOut ? "the check command ran out of time" : "the check command failed",
      nextStep: `Refine it in the thread until the check passes, ${LOOK}.`,
    };
  return verifyCommand === undefined
    ? { why: "no check command was given", nextStep: `Give one when you start a job, ${LOOK}.` }
    : { why: "the check command did not run", nextStep: `Press Retry, ${LOOK}.` };
}
