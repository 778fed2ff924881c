import { isResult } from "../conversation/calls.ts";
import type { ContentBlock, Message } from "../conversation/conversation.ts";

/**
 * The same messages with every call answered at the start of the next message, by ids that are well-formed and unique
 * in the conversation: the API refuses anything else, and models have repeated an id or left one out.
 */
export function pairedCalls(messages: readonly Message[]): Message[] {
  const seen = new Set<unknown>();
  const paired: Message[] = [];
  let calls: Call[] = [];
  for (const message of messages) {
    if (message.role === "system") {
      paired.push(message);
      continue;
    }
    if (message.role === "user") {
      const content =
        calls.length > 0 || message.content.some(isResult) ? withAnswers(calls, message.content) : message.content;
      paired.push(content === message.content ? message : { ...message, content });
      calls = [];
      continue;
    }
    if (calls.length > 0) paired.push({ role: "user", content: withAnswers(calls, []) });
    calls = [];
    const content = message.content.map((block) => {
      if (block.type !== "tool_use") return block;
      const isGood = typeof block.id === "string" && /^[a-zA-Z0-9_-]+$/.test(block.id) && !seen.has(block.id);
      const id = isGood ? block.id : `toolu_renamed_${seen.size + 1}`;
      seen.add(id);
      calls.push({ stored: block.id, sent: id });
      return isGood ? block : { ...block, id };
    });
    paired.push({ ...message, content });
  }
  if (calls.length > 0) paired.push({ role: "user", content: withAnswers(calls, []) });
  return paired;
}

type Call = { stored: unknown; sent: unknown };

/** Answers to calls of one id belong to these in their order. An answer that no call asked for is left out. */
function withAnswers(calls: readonly Call[], content: readonly ContentBlock[]): ContentBlock[] {
  const results = content.filter(isResult);
  const answers = calls.map(({ stored, sent }): ContentBlock => {
    const at = results.findIndex(({ tool_use_id }) => tool_use_id === stored);
    const [result] = at === -1 ? [] : results.splice(at, 1);
    if (!result)
      return { type: "tool_result", tool_use_id: sent, content: "There is no answer to this call.", is_error: true };
    return result.tool_use_id === sent ? result : { ...result, tool_use_id: sent };
  });
  return [...answers, ...content.filter((block) => !isResult(block))];
}
