import type { Anthropic } from "@anthropic-ai/sdk";
import type { MessageStreamParams } from "@anthropic-ai/sdk/resources/messages/messages";
import type { Concession, ContentBlock, Message, Prefix } from "../conversation/conversation.ts";
import type { Reason } from "../jobs/reasons.ts";
import type { Usage } from "../jobs/usage.ts";
import { markedText, withMarks } from "./cache-marks.ts";
import { failureOf, NotTheApi } from "./failures.ts";
import type { Model } from "./models.ts";

export type AskDeps = {
  messages: Pick<Anthropic["messages"], "stream">;
  now(): Date;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 to 1; Math.random when absent. */
  jitter?(): number;
  /** What other runs of this deployment learnt about rate limits; absent: every run finds out for itself. */
  pause?: { until(): Promise<Date | undefined>; extend(until: Date): Promise<void> };
};

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

export type AskResult =
  | { kind: "answered"; answer: Answer }
  | { kind: "context-full" }
  /** The same may be accepted in another form. */
  | { kind: "concede"; to: Concession; otherwise: Reason }
  /** Rate limits and overload lasted until the deadline. */
  | { kind: "out-of-time" }
  | { kind: "stopped"; reason: Reason };

/** Lost answers in a row before the run fails: with the waits between them, about a minute. */
const MAX_RETRIES = 6;
const MAX_BACKOFF_MS = 30_000;
const FIRST_WAIT_MS = 5_000;
const MAX_WAIT_MS = 60_000;
/** A stream that says nothing for this long, pings apart, is as good as cut. */
const STREAM_IDLE_MS = 300_000;

/**
 * One turn's answer. The SDK's own retries are off: ours also cover error events, cut sockets and broken tool input
 * after a 200, and a wait is shown and can be cancelled. A turn has no side effect until its tools run.
 */
export async function ask(
  deps: AskDeps,
  request: ModelRequest,
  options: {
    deadline: Date;
    signal?: AbortSignal;
    onWait(until: Date): Promise<void>;
    /** A request goes out now. What it throws ends the run before that. */
    onAsk(): Promise<void>;
    /** No answer will come. `begun`: it had begun to arrive, so what was written of it is paid for. */
    onFailed(begun: boolean): Promise<void>;
  },
): Promise<AskResult> {
  const jitter = deps.jitter ?? Math.random;
  const waitUntil = async (until: Date) => {
    if (until > options.deadline) return false;
    await options.onWait(until);
    await deps.sleep(Math.max(0, until.getTime() - deps.now().getTime()), options.signal);
    return true;
  };
  for (let retries = 0, waits = 0; ; ) {
    const pausedUntil = await deps.pause?.until();
    if (pausedUntil && pausedUntil > deps.now()) {
      const spread = jitter() * Math.min(2_000, pausedUntil.getTime() - deps.now().getTime());
      if (!(await waitUntil(new Date(pausedUntil.getTime() + spread)))) return { kind: "out-of-time" };
      // Another run may have been told to wait longer meanwhile.
      continue;
    }
    await options.onAsk();
    let begun = false;
    const onBegin = () => {
      begun = true;
    };
    try {
      return { kind: "answered", answer: await askOnce(deps, request, onBegin, options.signal) };
    } catch (error) {
      options.signal?.throwIfAborted();
      await options.onFailed(begun);
      const failure = failureOf(error, deps.now());
      switch (failure.kind) {
        case "stop":
          return { kind: "stopped", reason: failure.reason };
        case "context-full":
          return { kind: "context-full" };
        case "concede":
          return failure;
        case "retry": {
          if (++retries >= MAX_RETRIES) return { kind: "stopped", reason: failure.whenExhausted };
          const backoffMs = Math.min(1_000 * 2 ** (retries - 1), MAX_BACKOFF_MS);
          await deps.sleep(backoffMs * (0.5 + jitter() / 2), options.signal);
          break;
        }
        case "wait": {
          const baseMs = failure.afterMs ?? Math.min(FIRST_WAIT_MS * 2 ** waits++, MAX_WAIT_MS);
          const until = new Date(deps.now().getTime() + baseMs * (1 + jitter() * 0.2));
          await deps.pause?.extend(until);
          if (!(await waitUntil(until))) return { kind: "out-of-time" };
        }
      }
    }
  }
}

async function askOnce(
  deps: AskDeps,
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
