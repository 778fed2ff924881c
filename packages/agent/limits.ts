import type { Turn } from "../conversation/conversation.ts";
import type { Model } from "./models.ts";
import { affordableOutput, promptTokens } from "./pricing.ts";

export type Limits = {
  /** Turns of one round, over all its attempts. */
  maxTurns: number;
  /** Wall seconds of this attempt. */
  maxSeconds: number;
};

export type LimitName = "turns" | "dollars" | "seconds" | "context" | "stuck";

/** Output asked for in one turn; a whole file of code fits, a runaway answer does not cost a fortune. */
const TURN_OUTPUT_TOKENS = 32_000;
/** With less than this left to pay for, the next turn is the last one. */
const LAST_TURN_OUTPUT_TOKENS = 4_000;
/** With less than this left, not even a verdict can be paid for. */
const LEAST_OUTPUT_TOKENS = 500;
/** What a last turn may say where its money went in the turn before: the one turn by which a limit may be overrun. */
const CREDIT_OUTPUT_TOKENS = 2_000;
/** Kept for the last answers and tool results before the context window is full. */
const CONTEXT_RESERVE_TOKENS = 40_000;
const NOTE_AT = 0.8;

export type Spent = {
  /** In this round, over all attempts. */
  turns: number;
  /** In this attempt. */
  seconds: number;
  /** In this round; null without a known price. */
  spentUsd: number | null;
  /** US dollars left of the job's cost limit now, counting every repository. */
  dollarsLeft: number;
  /** An estimate before the first answer; afterwards what the API counted. */
  contextTokens: number;
};

/** A limit that is known beforehand. */
type Known = Exclude<LimitName, "stuck">;

export type Standing =
  | { kind: "go"; maxTokens: number; note?: { which: Known; share: number } }
  | { kind: "last"; which: Known; maxTokens: number }
  | { kind: "over"; which: Known };

/**
 * The one place that decides whether a run goes on, gets its last turn, or is over. A round that has begun gets its last
 * turn, however far a limit was jumped over: what was done is worth a report. Pure.
 */
export function standingOf(spent: Spent, limits: Limits, model: Model): Standing {
  const affordable = affordableOutput(model, spent.dollarsLeft, spent.contextTokens);
  const most = Math.min(model.maxOutputTokens, TURN_OUTPUT_TOKENS);
  const maxTokens = Math.min(most, affordable);
  const full = model.contextTokens - CONTEXT_RESERVE_TOKENS;
  const spentUsd = spent.spentUsd ?? 0;
  const shares: Record<Known, number> = {
    dollars: affordable < LAST_TURN_OUTPUT_TOKENS ? 1 : spentUsd / (spentUsd + spent.dollarsLeft || 1),
    turns: (spent.turns + 1) / limits.maxTurns,
    seconds: spent.seconds / limits.maxSeconds,
    context: spent.contextTokens / full,
  };
  const [which, share] = (Object.entries(shares) as [Known, number][]).reduce((a, b) => (b[1] > a[1] ? b : a));
  if (affordable < LEAST_OUTPUT_TOKENS)
    return spent.turns === 0
      ? { kind: "over", which: "dollars" }
      : { kind: "last", which: "dollars", maxTokens: Math.min(most, CREDIT_OUTPUT_TOKENS) };
  if (share >= 1) return { kind: "last", which, maxTokens };
  // What the last turn costs is kept, so that one long answer does not take it away.
  return {
    kind: "go",
    maxTokens: Math.min(most, Math.max(LAST_TURN_OUTPUT_TOKENS, affordable - LAST_TURN_OUTPUT_TOKENS)),
    ...(share >= NOTE_AT && { note: { which, share } }),
  };
}

/** What the next request's prompt will weigh at least: all of the last request and its answer. */
export function contextAfter(turn: Turn | undefined, firstRequestChars: number): number {
  return turn ? promptTokens(turn.usage) + turn.usage.output : Math.ceil(firstRequestChars / 4);
}
