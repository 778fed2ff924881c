import type { ContentBlock, Conversation, Turn } from "../conversation/conversation.ts";
import type { Usage } from "../jobs/usage.ts";

/** What a turn took and cost; a stored `Turn` is one. */
export type TurnFacts = Pick<
  Turn,
  "turn" | "attempt" | "stopReason" | "model" | "usage" | "costUsd" | "requestedAt" | "answeredAt"
>;

export type TurnRecord = TurnFacts & {
  /** What was appended to the conversation before this turn, answers to the last turn's calls first. */
  asked: ContentBlock[];
  answered: ContentBlock[];
  /** How the commands ended whose answers were appended, by the id of their call. */
  commands: NonNullable<Turn["commands"]>;
};

/** A conversation's turns in their order. A turn without stored facts is left out: it never counted. */
export function recordsOf(conversation: Conversation, facts: readonly TurnFacts[]): TurnRecord[] {
  const entries = Map.groupBy(conversation.entries, ({ turn }) => turn);
  return facts
    .toSorted((a, b) => a.turn - b.turn)
    .map((one) => {
      const said = (isAnswer: boolean) =>
        (entries.get(one.turn) ?? [])
          .filter(({ role }) => (role === "assistant") === isAnswer)
          .map(({ content }) => content);
      const commands = (entries.get(one.turn) ?? []).flatMap(({ content, command }) =>
        command ? [[String(content.tool_use_id), command] as const] : [],
      );
      return { ...one, asked: said(false), answered: said(true), commands: Object.fromEntries(commands) };
    });
}

/** Every token that was sent: what counts against the context window. */
export const contextTokens = (usage: Usage) => usage.input + usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheRead;

/** How much of what was sent came from the cache, 0 to 1. */
export const cacheShare = (usage: Usage) => (contextTokens(usage) === 0 ? 0 : usage.cacheRead / contextTokens(usage));

export const tookMs = ({ requestedAt, answeredAt }: TurnFacts) => Date.parse(answeredAt) - Date.parse(requestedAt);

/** US dollars over turns; null once one of them has no known price. */
export const costOf = (turns: readonly TurnFacts[]) =>
  turns.reduce<number | null>((sum, { costUsd }) => (sum === null || costUsd === null ? null : sum + costUsd), 0);
