import type { Reason } from "../jobs/reasons.ts";
import { head } from "../text/cut.ts";
import type { LimitName } from "./limits.ts";

const reason = (code: string, message: string, nextStep: string): Reason => ({
  code,
  message: head(message, 499).replace(/[^.!?]$/, "$&."),
  nextStep,
});

const RETRY = "Press Retry failed to start it again.";

export function limitReason(which: LimitName): Reason {
  switch (which) {
    case "dollars":
      return reason("budget", "The job's dollar cap is used up.", "Raise the cap to go on from here.");
    case "turns":
      return reason("turns", "The run used all its turns.", "Refine with a narrower task, or retry.");
    case "seconds":
      return reason("time", "The run used all its time.", "Refine with a narrower task, or retry.");
    case "context":
      return reason(
        "context",
        "The conversation filled the model's context window.",
        "Refine with a narrower task, or choose a model with a larger window.",
      );
    case "stuck":
      return reason("stuck", "The model went round in circles and was stopped.", "Refine with a hint, or retry.");
  }
}

export const refusedReason = (category: string | null, explanation: string | null) =>
  reason(
    "refused",
    `Claude refused this task${category ? ` (${category})` : ""}${explanation ? `: ${explanation}` : "."}`,
    "Reword the prompt, or choose another model.",
  );

export const noVerdictReason = () => reason("no-verdict", "The model stopped without reporting a verdict.", RETRY);

export const cutOffReason = () =>
  reason(
    "cut-off",
    "The model's answers were cut off at the output limit again and again.",
    "Refine with a narrower task.",
  );

export const pausedReason = () => reason("paused", "The model paused again and again without going on.", RETRY);

/** What the API said, where it said something in words: never markup, and never the whole page of a proxy. */
const quoting = (sentence: string, said: string | undefined) => (said ? `${sentence}: ${said}` : `${sentence}.`);

/** The runbook has a line for each code. */
const OPERATOR = "the operator, who finds it in docs/runbook.md, Model errors";

export const spendLimitReason = (said: string | undefined) =>
  reason(
    "spend-limit",
    quoting("Claude's spend limit for this account is reached", said),
    "Raise the limit in the Claude Console, then press Retry failed.",
  );

export const modelKeyReason = (said: string | undefined) =>
  reason(
    "model-key",
    quoting("Claude refused our API key", said),
    "Set a valid ANTHROPIC_API_KEY, then press Retry failed.",
  );

export const modelUnknownReason = (said: string | undefined) =>
  reason(
    "model-unknown",
    quoting("Claude does not know this model", said),
    "Start a new job with a model your key may use.",
  );

export const modelRequestReason = (said: string | undefined) =>
  reason(
    "model-request",
    quoting("Claude did not accept our request", said),
    `Press Retry failed: that begins a new conversation. If it happens again, ask ${OPERATOR}.`,
  );

export const modelTooLargeReason = () =>
  reason(
    "model-request",
    "The conversation has become larger than Claude, or a proxy on the way to it, accepts.",
    "Press Retry failed, which begins a new conversation, or start a new job with a narrower task.",
  );

/** Something else than the API refused: its page says nothing to people in Slack. */
export const modelBlockedReason = (status: number) =>
  reason(
    "model-blocked",
    `Something on the way to Claude refused the request with ${status}: a proxy, or a rule of this region or network.`,
    `Press Retry failed later; if it happens again, ask ${OPERATOR}.`,
  );

export const modelAddressReason = (what: string) =>
  reason(
    "model-address",
    `What answers at the address of Claude is not the Messages API: ${what}.`,
    `Ask the operator to check ANTHROPIC_BASE_URL (docs/runbook.md, Model errors), then press Retry failed.`,
  );

export const modelUnreachableReason = (why: string) =>
  reason("model-unreachable", `Claude could not be reached: ${why}.`, RETRY);

export const modelCertificateReason = (why: string) =>
  reason(
    "model-unreachable",
    `Claude could not be reached: ${why}.`,
    `Ask the operator to make it trusted (docs/runbook.md, Model errors), then press Retry failed.`,
  );

export const rateLimitedReason = () =>
  reason(
    "rate-limited",
    "Claude was rate-limited or overloaded until the run's time was up.",
    "Press Retry failed when it has calmed down.",
  );
