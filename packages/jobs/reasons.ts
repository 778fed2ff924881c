import { z } from "zod";
import { CAMPAIGN_REASONS } from "./campaign-reasons.ts";
import { CHANGE_REASONS } from "./change-reasons.ts";
import { GITHUB_REASONS } from "./github-reasons.ts";
import { MODEL_REASONS } from "./model-reasons.ts";
import { ended, type Remedy, type Said } from "./reason-table.ts";
import { RUN_REASONS } from "./run-reasons.ts";
import { SCHEDULE_REASONS } from "./schedule-reasons.ts";
import { SET_REASONS } from "./set-reasons.ts";

/** Each code with its sentence, what to do next, and what a button does about it. Codes are stored: none changes. */
export const REASONS = {
  ...MODEL_REASONS,
  ...GITHUB_REASONS,
  ...CHANGE_REASONS,
  ...RUN_REASONS,
  ...SCHEDULE_REASONS,
  ...SET_REASONS,
  ...CAMPAIGN_REASONS,
};
export type ReasonCode = keyof typeof REASONS;

/** One line and a next step, for people. A row of an earlier or a later release may hold a code that is not in the table. */
export const Reason = z.object({ code: z.string(), message: z.string().max(500), nextStep: z.string().max(500) });
export type Reason = z.infer<typeof Reason>;

/** The reason with this code, in the table's words. */
export function because<Code extends ReasonCode>(
  code: Code,
  ...facts: Parameters<(typeof REASONS)[Code]["say"]>
): Reason {
  // What the parameters say; TypeScript does not follow a table from its key to its function.
  const say = REASONS[code].say as (...facts: unknown[]) => Said;
  return worded(code, say(...facts));
}

/** A reason in the words of another service, where they decide what helps. Such words often lack their full stop. */
export const worded = (code: ReasonCode, [message, nextStep]: Said): Reason => ({
  code,
  message: ended(message),
  nextStep,
});

/** Without a reason, or with one that is not in the table, the state alone decides: what has failed can be retried. */
export const remedyOf = (reason: Reason | undefined): Remedy =>
  reason && Object.hasOwn(REASONS, reason.code) ? REASONS[reason.code as ReasonCode].remedy : "retry";

/**
 * Why a round about an open pull request came to nothing. Retry would begin the whole job anew; the card offers the round
 * again instead, as long as the pull request asks for it.
 */
export const leftOpen = (reason: Reason, nextStep = OFFERED_AGAIN): Reason =>
  remedyOf(reason) === "retry" && !hasCode(reason, "pull-request-closed") ? { ...reason, nextStep } : reason;

const OFFERED_AGAIN = "The pull request is as it was; the card offers this again as long as it is needed.";

/** Whether a reason has this code: a name that is not in the table does not compile. */
export const hasCode = (reason: Reason | undefined, code: ReasonCode) => reason?.code === code;
