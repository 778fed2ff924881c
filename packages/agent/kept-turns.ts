import type { Conversation, Turn } from "../jobs/conversation.ts";
import { NO_USAGE } from "../jobs/usage.ts";
import { messagesFromEntries } from "./conversation.ts";

/**
 * The turns of a round that has ended, from its conversation: a later round goes on from these when the turns themselves
 * have expired. What was sent and received is there to the byte; what a turn cost is on the row.
 */
export function turnsOfConversation({ jobId, repository, round, model, entries }: Conversation): Turn[] {
  return [...Map.groupBy(entries, ({ turn }) => turn)].map(([turn, ofTurn]) => {
    const messages = messagesFromEntries(ofTurn);
    const received = messages.find(({ role }) => role === "assistant") ?? { role: "assistant" as const, content: [] };
    return {
      jobId,
      repository,
      round,
      attempt: 1,
      turn,
      sent: messages.filter(({ role }) => role === "user"),
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
}
