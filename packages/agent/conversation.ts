import type { Conversation, ConversationEntry, Message, Turn } from "../jobs/conversation.ts";
import { isScripted } from "./models.ts";
import { SYSTEM } from "./prompt.ts";
import { createTools } from "./tools/create-tools.ts";
import { toApiTool } from "./tools/tool.ts";
import type { Tree } from "./tree.ts";

/**
 * `conversation.json` from a round's turns. A turn sends at most one user message and gets one answer, so an entry's
 * turn and role say which message it belongs to: nothing else is needed to get the messages back.
 */
export function conversationOf(
  turns: readonly Turn[],
  run: { jobId: string; repository: string; round: number; model: string; tree: Tree },
): Conversation {
  const model = turns.at(-1)?.model ?? run.model;
  return {
    jobId: run.jobId,
    repository: run.repository,
    round: run.round,
    model,
    scripted: isScripted(model),
    system: SYSTEM,
    tools: createTools(run.tree).map(toApiTool),
    entries: turns.flatMap(entriesOf),
  };
}

export function entriesOf(turn: Turn): ConversationEntry[] {
  const asked = turn.sent.flatMap(({ content }) => content);
  const answered = turn.received.content;
  return [
    ...asked.map(
      (content): ConversationEntry => ({
        ...whatItIs(content.type),
        timestamp: turn.requestedAt,
        role: "human",
        turn: turn.turn,
        content,
      }),
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

function whatItIs(blockType: string): Pick<ConversationEntry, "type"> {
  return { type: blockType === "tool_use" ? "tool_call" : blockType === "tool_result" ? "tool_result" : "message" };
}

/** The Messages API's form of stored entries: to the byte what was sent and received. */
export function messagesFromEntries(entries: readonly ConversationEntry[]): Message[] {
  const messages: Message[] = [];
  let previous: ConversationEntry | undefined;
  for (const entry of entries) {
    if (previous?.turn === entry.turn && previous.role === entry.role) messages.at(-1)!.content.push(entry.content);
    else messages.push({ role: entry.role === "human" ? "user" : "assistant", content: [entry.content] });
    previous = entry;
  }
  return messages;
}
