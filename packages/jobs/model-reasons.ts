import { OPERATOR, RETRY, retried, stoppedByLimit } from "./reason-table.ts";

/** What the API said, where it said something in words: never markup, and never the whole page of a proxy. */
const quoting = (sentence: string, said: string | undefined) => (said ? `${sentence}: ${said}` : sentence);
/** What a limit stopped may have become a patch or a draft, which cannot be retried: a follow-up always goes on. */
const NARROWER = "Follow up in the thread with a narrower task: the work goes on there.";

/** How a conversation with Claude ended without a verdict. */
export const MODEL_REASONS = {
  budget: stoppedByLimit(() => ["The job's cost limit is used up.", "Raise the cost limit to go on from here."]),
  turns: retried(() => ["The run used all its turns.", NARROWER]),
  time: retried(() => ["The run used all its time.", NARROWER]),
  context: retried(() => [
    "The conversation filled the model's context window.",
    "Start a new job with a narrower task, or with a model that has a larger window.",
  ]),
  stuck: retried(() => ["The model went round in circles and was stopped.", "Follow up in the thread with a hint."]),
  refused: retried((category: string | null, explanation: string | null) => [
    `Claude refused this task${category ? ` (${category})` : ""}${explanation ? `: ${explanation}` : ""}`,
    "Start a new job with other words, or with another model.",
  ]),
  "no-verdict": retried(() => ["The model stopped without reporting a verdict.", RETRY]),
  "cut-off": retried(() => ["The model's answers were cut off at the output limit again and again.", NARROWER]),
  paused: retried(() => ["The model paused again and again without going on.", RETRY]),
  "spend-limit": retried((said: string | undefined) => [
    quoting("Claude's spend limit for this account is reached", said),
    "Raise the limit in the Claude Console, then press Retry.",
  ]),
  "model-key": retried((said: string | undefined) => [
    quoting("Claude refused our API key", said),
    "Set a valid ANTHROPIC_API_KEY, then press Retry.",
  ]),
  "model-unknown": retried((said: string | undefined) => [
    quoting("Claude does not know this model", said),
    "Start a new job with a model your key may use.",
  ]),
  "model-request": retried((why: { said: string | undefined } | "too large") =>
    why === "too large"
      ? [
          "The conversation has become larger than Claude, or a proxy on the way to it, accepts.",
          "Press Retry, which begins a new conversation, or start a new job with a narrower task.",
        ]
      : [
          quoting("Claude did not accept our request", why.said),
          `Press Retry: that begins a new conversation. If it happens again, ask ${OPERATOR}.`,
        ],
  ),
  "model-blocked": retried((status: number) => [
    `Something on the way to Claude refused the request with ${status}: a proxy, or a rule of this region or network.`,
    `Press Retry later; if it happens again, ask ${OPERATOR}.`,
  ]),
  "model-address": retried((what: string) => [
    `What answers at the address of Claude is not the Messages API: ${what}.`,
    "Ask the operator to check ANTHROPIC_BASE_URL (docs/runbook.md, Model errors), then press Retry.",
  ]),
  "model-unreachable": retried((why: string, which: "connection" | "certificate") => [
    `Claude could not be reached: ${why.replace(/\.$/, "")}.`,
    which === "connection"
      ? RETRY
      : "Ask the operator to make it trusted (docs/runbook.md, Model errors), then press Retry.",
  ]),
  "rate-limited": retried(() => [
    "Claude was rate-limited or overloaded until the run's time was up.",
    "Follow up in the thread when it has calmed down: the work goes on there.",
  ]),
};
