import type { Conversation, Turn } from "../conversation/conversation.ts";
import { type Exchange, exchangesOf } from "../conversation/exchanges.ts";
import type { Usage } from "../jobs/usage.ts";

/** What a turn took and cost; a stored `Turn` is one. */
export type TurnFacts = Pick<
  Turn,
  "turn" | "attempt" | "stopReason" | "model" | "usage" | "costUsd" | "requestedAt" | "answeredAt"
>;

export type TurnRecord = TurnFacts & Pick<Exchange, "asked" | "answered" | "commands">;

/** A conversation's turns in their order. A turn without stored facts is left out: it never counted. */
export function recordsOf(conversation: Conversation, facts: readonly TurnFacts[]): TurnRecord[] {
  const exchanges = new Map(exchangesOf(conversation).map((one) => [one.turn, one]));
  return facts
    .toSorted((a, b) => a.turn - b.turn)
    .map((one) => {
      const { asked = [], answered = [], commands = {} } = exchanges.get(one.turn) ?? {};
      return { ...one, asked, answered, commands };
    });
}

/** Every token that was sent: what counts against the context window. */
export const contextTokens = (usage: Usage) => usage.input + usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheRead;

/** How much of what was sent came from the cache, 0 to 1. */
export const cacheShare = (usage: Usage) => (contextTokens(usage) === 0 ? 0 : usage.cacheRead / contextTokens(usage));

export const tookMs = ({ requestedAt, answeredAt }: TurnFacts) => Date.parse(answeredAt) - Date.parse(requestedAt);

/** US dollars over turns; null once one of them has no known price. */
export const costOfTurns = (turns: readonly TurnFacts[]) =>
  turns.reduce<number | null>((sum, { costUsd }) => (sum === null || costUsd === null ? null : sum + costUsd), 0);
