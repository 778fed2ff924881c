import type { Anthropic } from "@anthropic-ai/sdk";
import type { MessageStreamParams } from "@anthropic-ai/sdk/resources/messages/messages";
import type { ContentBlock, Message, Prefix } from "../conversation/conversation.ts";
import type { Usage } from "../jobs/usage.ts";
import { markedText, withMarks } from "./cache-marks.ts";
import { NotTheApi } from "./failures.ts";
import type { Model } from "./models.ts";

export type Messages = Pick<Anthropic["messages"], "stream">;

export type ModelRequest = {
  model: Model;
  maxTokens: number;
  prefix: Prefix;
  /** As `toApi` gives them. */
  messages: readonly Message[];
  /** Some thinking may no longer fit what stands before it: the API is asked to drop such thinking. */
  dropsThinking: boolean;
};

export type Answer = {
  /** As it came. */
  content: ContentBlock[];
  stopReason: string;
  refusal?: { category: string | null; explanation: string | null };
  model: string;
  messageId: string;
  usage: Usage;
  requestedAt: Date;
  answeredAt: Date;
};

/** A stream that says nothing for this long, pings apart, is as good as cut. */
const STREAM_IDLE_MS = 300_000;

/** One request and its answer, as the Messages API streams it. Throws whatever the SDK throws, and NotTheApi. */
export async function askOnce(
  deps: { messages: Messages; now(): Date },
  request: ModelRequest,
  onBegin: () => void,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const requestedAt = deps.now();
  const stream = deps.messages.stream(bodyOf(request), {
    maxRetries: 0,
    ...(signal && { signal }),
    ...(request.dropsThinking && { headers: { "anthropic-beta": THINKING_BINDING_CONTROLS } }),
  });
  const toolInputs = new Map<number, string>();
  const watchdog = setTimeout(() => stream.abort(), STREAM_IDLE_MS);
  stream.on("streamEvent", (event) => {
    watchdog.refresh();
    if (event.type === "message_start") onBegin();
    if (event.type === "content_block_delta" && event.delta.type === "input_json_delta") {
      toolInputs.set(event.index, (toolInputs.get(event.index) ?? "") + event.delta.partial_json);
    }
  });
  try {
    const message = await stream.finalMessage();
    // The SDK completes cut-off JSON silently, with keys missing: a tool must never run on that.
    if (!ENDS_EARLY.has(message.stop_reason ?? ""))
      for (const json of toolInputs.values()) if (json !== "") JSON.parse(json);
    const { usage } = message;
    const written = usage.cache_creation_input_tokens ?? 0;
    const written1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
    return {
      // Through JSON once, so that what is sent next is to the byte what a resumed run will read from its store.
      content: JSON.parse(JSON.stringify(message.content)) as ContentBlock[],
      stopReason: message.stop_reason ?? "end_turn",
      ...(message.stop_details && { refusal: message.stop_details }),
      model: message.model,
      messageId: message.id,
      usage: {
        input: usage.input_tokens,
        cacheWrite5m: written - written1h,
        cacheWrite1h: written1h,
        cacheRead: usage.cache_read_input_tokens ?? 0,
        output: usage.output_tokens,
      },
      requestedAt,
      answeredAt: deps.now(),
    };
  } catch (error) {
    const kind = stream.response?.headers.get("content-type") ?? "nothing";
    if (stream.response?.ok && !kind.startsWith("text/event-stream"))
      throw new NotTheApi(kind.startsWith("text/html") ? "it sent a web page" : `it sent ${kind.split(";")[0]}`, {
        cause: error,
      });
    throw error;
  } finally {
    clearTimeout(watchdog);
  }
}

/** The last tool input of such an answer may be cut off, and never runs. */
const ENDS_EARLY = new Set(["max_tokens", "refusal", "model_context_window_exceeded"]);

/** https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/fix-bound-to-a-different-conversation */
const THINKING_BINDING_CONTROLS = "thinking-binding-controls-2026-08-01";
const DROP = { block_binding: { prefix_mismatch_behavior: "drop_block" } } as const;

function bodyOf({ model, maxTokens, prefix, messages, dropsThinking }: ModelRequest): MessageStreamParams {
  return {
    model: model.id,
    max_tokens: maxTokens,
    system: [markedText(prefix.system)],
    tools: prefix.tools as unknown as NonNullable<MessageStreamParams["tools"]>,
    ...(model.thinking === "adaptive" && {
      thinking: { type: "adaptive", display: "summarized", ...(dropsThinking && DROP) } as const,
    }),
    ...(model.effort && { output_config: { effort: model.effort } }),
    messages: withMarks(messages),
  };
}
