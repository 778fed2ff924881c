import type { LimitName } from "./limits.ts";

/**
 * What the harness says to the model besides tool results. Each begins with a fixed phrase, because a resumed run
 * finds out from its history what was already said.
 */
export const LAST_TURN = "This is your last turn";
export const BUDGET_NOTE = "Budget note";
export const REVIEW = "Review your change once before it is final.";
export const VERIFICATION_FAILED = "The verification command failed.";

const WHAT: Record<LimitName, string> = {
  turns: "turns",
  dollars: "dollars",
  seconds: "time",
  context: "context window",
  stuck: "tries",
};

export const budgetNote = (which: LimitName, share: number) =>
  `${BUDGET_NOTE}: ${Math.floor(share * 100)}% of your ${WHAT[which]} is used. Finish the essential part, then call report_verdict.`;

export const lastTurnNote = (which: LimitName) =>
  `${LAST_TURN}: your ${WHAT[which]} is used up. Call report_verdict now, for what is done so far; no other call will run.`;

export const noVerdictNudge =
  "You stopped without a verdict. If the task is done, call report_verdict; if not, go on with it.";

export const cutOffNudge =
  "Your answer was cut off at the output limit and nothing of it was run. Go on in smaller pieces.";

export const repeatedNudge = (times: number) =>
  `You made this same call ${times} times with the same answer. Try something else, or report your verdict.`;

export const errorsNudge = (times: number) =>
  `The last ${times} calls failed. Read the messages, check your assumptions, and try another way or report your verdict.`;

export const TEMPLATE_NOT_FOLLOWED = "pullRequestBody does not follow";

export const templateRequest = (path: string, missing: readonly string[]) =>
  `${TEMPLATE_NOT_FOLLOWED} ${path}. Put what you have to say under these headings, in their order, and call report_verdict again:\n${missing.join("\n")}`;

export const reviewRequest = (status: string, diff: string) =>
  `${REVIEW} Remove scratch files, revert unrelated edits, look for what you forgot. Then call report_verdict again; that one counts.\n\n${status}\n\n${diff}`;

export const verificationFeedback = (command: string, howItEnded: string, tail: string) =>
  `${VERIFICATION_FAILED} Put it right if your change caused it, then call report_verdict again; if it failed before your change, say so in the report.\n\n$ ${command}\n${howItEnded}\n${tail}`;
