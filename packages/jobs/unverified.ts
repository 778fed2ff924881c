import { failsAsBefore } from "./baseline.ts";
import { type CommandResult, couldNotRun } from "./outcome.ts";

/** `why` follows "not verified"; `nextStep` says how to come to a pull request that is ready. */
type Unverified = { why: string; nextStep: string };

const LOOK = "or mark it ready on GitHub after a look";

/**
 * Pure: why this change is not a checked one. undefined: the job's check passed on it. `baseline`: how the same check
 * ended before the change.
 */
export function whyUnverified(
  verifyCommand: string | undefined,
  verification: CommandResult | undefined,
  baseline?: CommandResult,
): Unverified | undefined {
  if (verification?.exitCode === 0) return undefined;
  if (verification?.notRun !== undefined)
    return {
      why: "the check could not run here",
      nextStep: `Run Cody where commands have a sandbox, ${LOOK}.`,
    };
  // A suggested check that could not run before the change is not tried on it.
  const ran = verification ?? baseline;
  if (ran && couldNotRun(ran))
    return {
      why: "the check could not run here",
      nextStep: `Its output names what is missing: let setup bring it, or give another check, ${LOOK}.`,
    };
  if (verification && failsAsBefore(verification, baseline))
    return {
      why: "the check fails, as it did before the change",
      nextStep: `Let the check pass on the base branch first, ${LOOK}.`,
    };
  if (verification)
    return {
      why: verification.timedOut ? "the check ran out of time" : "the check failed",
      nextStep: `Refine it in the thread until the check passes, ${LOOK}.`,
    };
  return verifyCommand === undefined
    ? { why: "no check was given", nextStep: `Give one when you start a job, ${LOOK}.` }
    : { why: "the check did not run", nextStep: `Follow up in the thread, and it runs, ${LOOK}.` };
}
