import type { ServerResponse } from "node:http";
import type { ApiAnswer } from "./answer.ts";
import type { ClaudeFault } from "./faults.ts";
import type { ApiBlock } from "./wire.ts";

const CHUNK_CHARS = 200;

export type ApiUsage = Record<string, unknown>;

type Event = { type: string; [key: string]: unknown };

/** The message as `message_start` shows it: no content and no stop reason yet. */
export const startOf = (id: string, model: string, usage: ApiUsage) => ({
  id,
  type: "message",
  role: "assistant",
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  container: null,
  diagnostics: null,
  usage,
});

/** Server-sent events in the API's order: https://platform.claude.com/docs/en/build-with-claude/streaming */
export function* eventsOf(answer: ApiAnswer, start: Event, fault?: ClaudeFault): Generator<Event> {
  yield start;
  yield { type: "ping" };
  if (fault?.kind === "unknown-events") yield { type: "unknown_event", size: "small" };
  for (const [index, block] of answer.content.entries()) {
    yield { type: "content_block_start", index, content_block: emptied(block) };
    const isLast = index === answer.content.length - 1;
    yield* deltasOf(block, index, answer.truncated && isLast);
    if (fault?.kind === "unknown-events") yield { type: "ping" };
    yield { type: "content_block_stop", index };
  }
  yield {
    type: "message_delta",
    delta: { stop_reason: answer.stopReason, stop_sequence: null, stop_details: answer.stopDetails, container: null },
    usage: { output_tokens: answer.outputTokens },
  };
  yield { type: "message_stop" };
}

/** Writes events until the fault strikes: false when it did. */
export function write(response: ServerResponse, events: Iterable<Event>, fault?: ClaudeFault): boolean {
  for (const event of events) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (event.type !== "content_block_delta") continue;
    if (fault?.kind === "error-event") {
      const error = { type: "error", error: { type: fault.type, message: fault.message } };
      response.end(`event: error\ndata: ${JSON.stringify(error)}\n\n`);
      return false;
    }
    if (fault?.kind === "cut") {
      // Let what was written reach the client first; then it sees a dead socket, not an empty one.
      setTimeout(() => response.destroy(), 20);
      return false;
    }
  }
  response.end();
  return true;
}

function emptied(block: ApiBlock): ApiBlock {
  switch (block.type) {
    case "text":
      return { ...block, text: "" };
    case "thinking":
      return { ...block, thinking: "", signature: "" };
    case "tool_use":
      return { ...block, input: {} };
    default:
      return block;
  }
}

function* deltasOf(block: ApiBlock, index: number, cut: boolean): Generator<Event> {
  const delta = (value: Event) => ({ type: "content_block_delta", index, delta: value });
  switch (block.type) {
    case "text":
      for (const text of chunks(String(block.text), cut)) yield delta({ type: "text_delta", text });
      break;
    case "thinking":
      for (const thinking of chunks(String(block.thinking), false)) yield delta({ type: "thinking_delta", thinking });
      yield delta({ type: "signature_delta", signature: block.signature });
      break;
    case "tool_use":
      yield delta({ type: "input_json_delta", partial_json: "" });
      for (const partial_json of chunks(JSON.stringify(block.input), cut))
        yield delta({ type: "input_json_delta", partial_json });
      break;
    default:
      break; // comes whole with its start
  }
}

function* chunks(text: string, cut: boolean): Generator<string> {
  const end = cut ? Math.floor(text.length * 0.6) : text.length;
  for (let at = 0; at < end; at += CHUNK_CHARS) yield text.slice(at, Math.min(at + CHUNK_CHARS, end));
}
