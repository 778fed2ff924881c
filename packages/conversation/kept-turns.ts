import { NO_USAGE } from "../jobs/usage.ts";
import type { ContentBlock, Conversation, Turn } from "./conversation.ts";
import { messagesFromEntries } from "./entries.ts";

/**
 * The turns of a round that has ended, from its conversation: a later round goes on from these when the turns themselves
 * have expired. What was sent and received is there to the byte; what a turn cost is on the row.
 */
export function turnsOfConversation({ jobId, repository, round, model, entries, redactedFrom }: Conversation): Turn[] {
  const turns = [...Map.groupBy(entries, ({ turn }) => turn)].map(([turn, ofTurn]) => {
    const messages = messagesFromEntries(ofTurn);
    const received = messages.find(({ role }) => role === "assistant") ?? { role: "assistant", content: [] };
    return {
      jobId,
      repository,
      round,
      attempt: 1,
      turn,
      sent: messages.filter(({ role }) => role !== "assistant"),
      received,
      stopReason: received.content.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn",
      model,
      messageId: "",
      usage: ofTurn.findLast(({ usage }) => usage)?.usage ?? NO_USAGE,
      costUsd: null,
      requestedAt: ofTurn[0]!.timestamp,
      answeredAt: ofTurn.at(-1)!.timestamp,
    };
  });
  const from = redactedFrom === undefined ? -1 : turns.findIndex(({ turn }) => turn >= redactedFrom);
  return from === -1 ? turns : withoutThinkingFrom(turns, from);
}

/**
 * Turns of which those from `index` on are not to the byte what Claude said and heard. Its thinking is signed together
 * with all that came before it, so from there on it would be refused.
 */
export const withoutThinkingFrom = (turns: readonly Turn[], index: number): Turn[] =>
  turns.map((turn, i) =>
    i < index ? turn : { ...turn, received: { ...turn.received, content: turn.received.content.filter(isNoThinking) } },
  );

export const isNoThinking = ({ type }: ContentBlock) => type !== "thinking" && type !== "redacted_thinking";
