import type { CheckConclusionState, CheckStatusState, StatusState } from "@octokit/graphql-schema";

/**
 * `rests`: it has no result, and nothing works on one. It holds nothing up, and it has not passed either.
 */
type CheckResult = "passed" | "failed" | "runs" | "rests";

/** Every state of a run that has not ended, every conclusion of one that has, and every state of a status. */
const RESULTS = {
  QUEUED: "runs",
  REQUESTED: "runs",
  PENDING: "runs",
  IN_PROGRESS: "runs",
  /** A deployment that a person must let through, which can take thirty days. */
  WAITING: "rests",
  /** A rule asks for it, and it may be one that never begins: of a workflow whose paths do not match. */
  EXPECTED: "rests",
  /** GitHub has given it up after fourteen days without a word. */
  STALE: "rests",
  SUCCESS: "passed",
  NEUTRAL: "passed",
  SKIPPED: "passed",
  FAILURE: "failed",
  ERROR: "failed",
  TIMED_OUT: "failed",
  CANCELLED: "failed",
  STARTUP_FAILURE: "failed",
  /** Also how services say that the code must change: a missing sign-off, findings of a scanner. */
  ACTION_REQUIRED: "failed",
} as const satisfies Record<Exclude<CheckStatusState, "COMPLETED"> | CheckConclusionState | StatusState, CheckResult>;

/** In the spelling of either API. A word that GitHub adds later is no result that we know. */
export function checkResultOf(word: string): CheckResult {
  const known = word.toUpperCase();
  return Object.hasOwn(RESULTS, known) ? RESULTS[known as keyof typeof RESULTS] : "rests";
}

/** The word that counts, of a run: its conclusion once it has ended. */
export const wordOfRun = ({ status, conclusion }: { status: string; conclusion: string | null }): string =>
  status.toUpperCase() === "COMPLETED" ? (conclusion ?? "") : status;
