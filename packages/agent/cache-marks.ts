import type { MessageParam } from "@anthropic-ai/sdk/resources/messages/messages";
import type { ContentBlock, Message } from "../conversation/conversation.ts";

const MARK = { cache_control: { type: "ephemeral" } } as const;
/** The API refuses a mark on thinking, and a request with more than four; the system prompt has the first. */
const MARKABLE = new Set(["text", "tool_use", "tool_result", "image", "document"]);

/**
 * The same messages with a mark at the end of this request and at the end of the last one. The second one matters:
 * without it the API looks back 20 blocks only, and a turn with many calls would lose the whole cache. The messages
 * given are left alone; only the marked ones are copied.
 */
export function withMarks(messages: readonly Message[]): MessageParam[] {
  const isEnd = (i: number) =>
    messages[i]!.role !== "assistant" && messages[i + 1]?.role !== "user" && messages[i + 1]?.role !== "system";
  const ends = [...messages.keys()].filter(isEnd).slice(-2);
  const marked = new Set([...ends, messages.length - 1].slice(-3));
  return messages.map((message, i) => (marked.has(i) ? withMark(message) : message)) as unknown as MessageParam[];
}

export const markedText = (text: string) => ({ type: "text" as const, text, ...MARK });

function withMark(message: Message): Message {
  const at = message.content.findLastIndex((block: ContentBlock) => MARKABLE.has(block.type));
  return at === -1 ? message : { ...message, content: message.content.with(at, { ...message.content[at]!, ...MARK }) };
}
