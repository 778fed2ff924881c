import { commandEndOf } from "./command-end.ts";
import type { ContentBlock, Conversation, ConversationEntry, Message, Prefix, Turn } from "./conversation.ts";
import { isScripted } from "./scripted.ts";

/**
 * `conversation.json` from a round's turns. A turn sends at most one message of each role and gets one answer, so an
 * entry's turn and role say which message it belongs to: nothing else is needed to get the messages back.
 */
export function conversationOf(
  turns: readonly Turn[],
  run: { jobId: string; repository: string; round: number; model: string; prefix: Prefix },
): Conversation {
  const model = turns.at(-1)?.model ?? run.model;
  return {
    jobId: run.jobId,
    repository: run.repository,
    round: run.round,
    model,
    scripted: isScripted(model),
    ...run.prefix,
    entries: turns.flatMap(entriesOf),
  };
}

export function entriesOf(turn: Turn): ConversationEntry[] {
  const answered = turn.received.content;
  return [
    ...turn.sent.flatMap((message) =>
      message.content.map(
        (content): ConversationEntry => ({
          ...whatItIs(content.type),
          timestamp: turn.requestedAt,
          role: message.role === "system" ? "system" : "human",
          turn: turn.turn,
          content,
          ...commandOf(turn, content),
        }),
      ),
    ),
    ...answered.map(
      (content, i): ConversationEntry => ({
        ...whatItIs(content.type),
        timestamp: turn.answeredAt,
        role: "assistant",
        turn: turn.turn,
        content,
        // Once a turn, on its last entry, so that a sum over entries is the run's usage.
        ...(i === answered.length - 1 && { usage: turn.usage }),
      }),
    ),
  ];
}

function commandOf({ commands }: Turn, { type, tool_use_id }: ContentBlock): Pick<ConversationEntry, "command"> {
  const command = type === "tool_result" ? commandEndOf(commands, tool_use_id) : undefined;
  return command ? { command } : {};
}

function whatItIs(blockType: string): Pick<ConversationEntry, "type"> {
  return { type: blockType === "tool_use" ? "tool_call" : blockType === "tool_result" ? "tool_result" : "message" };
}

const ROLES = { human: "user", assistant: "assistant", system: "system" } as const;

/** The messages of stored entries, as they stand in the turns. */
export function messagesFromEntries(entries: readonly ConversationEntry[]): Message[] {
  const messages: Message[] = [];
  let previous: ConversationEntry | undefined;
  for (const entry of entries) {
    if (previous?.turn === entry.turn && previous.role === entry.role) messages.at(-1)!.content.push(entry.content);
    else messages.push({ role: ROLES[entry.role], content: [entry.content] });
    previous = entry;
  }
  return messages;
}
