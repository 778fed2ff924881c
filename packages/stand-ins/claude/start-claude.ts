import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { MODELS, modelOf } from "../../agent/models.ts";
import type { Usage } from "../../jobs/usage.ts";
import { listen } from "../loopback/listen.ts";
import { apiAnswerOf } from "./answer.ts";
import type { Brain } from "./brain.ts";
import { createCache } from "./cache.ts";
import type { ClaudeFault } from "./faults.ts";
import { createHistories, type History, type Rules } from "./history.ts";
import { hasMarks, markedPieces } from "./marks.ts";
import { beginning } from "./prefix.ts";
import { checkContext, parseRequest } from "./rules.ts";
import { scriptedBrain } from "./scripted-brain.ts";
import { eventsOf, startOf, write } from "./stream.ts";
import { type ApiMessage, ClaudeError, type Envelope, type MessagesRequest } from "./wire.ts";

type SeenRequest = {
  at: number;
  bytes: number;
  body?: MessagesRequest;
  answered: "message" | "fault" | "refused";
  why?: string;
  /** What an account would be billed for. */
  served?: Usage;
};

export type Claude = {
  /** For ANTHROPIC_BASE_URL. */
  url: string;
  apiKey: string;
  stop(): Promise<void>;
  /** The newest requests, oldest first. */
  requests(): SeenRequest[];
  /** Each is used up by the next request. */
  faults: ClaudeFault[];
  /** The answer to this request, counted from 1 on, waits for `release`: what a test does meanwhile is in time on any machine. */
  hold(request: number): HeldRequest;
};

/** `reached`: the request is there, and its sender waits. */
type HeldRequest = { reached: Promise<void>; release(): void };

const KEEP_REQUESTS = 1_000;
/** Bodies are whole conversations: only the newest are kept. */
const KEEP_BODIES = 200;

/**
 * A Messages API on loopback, strict about the rules that FACTS.md lists, with a scripted model behind it. It keeps no
 * conversation: every request stands for itself, as with the real one; only the cache and the record of requests stay.
 */
export async function startClaude(options: {
  log: (line: string) => void;
  port?: number;
  apiKey?: string;
  /** Before each answer's first byte. */
  delayMs?: number;
  faults?: ClaudeFault[];
  brain?: Brain;
  /** Ids that are accepted besides the catalogue. */
  extraModels?: string[];
  now?: () => number;
}): Promise<Claude> {
  const {
    log,
    apiKey = `sk-ant-scripted-${randomBytes(20).toString("hex")}`,
    delayMs = 0,
    faults = [],
    brain = scriptedBrain,
    extraModels = [],
    now = Date.now,
  } = options;
  const cache = createCache(now);
  const histories = createHistories();
  const seen: SeenRequest[] = [];
  let arrived = 0;
  const held = new Map<number, { reached: () => void; released: Promise<void> }>();
  /** Ends of answers that we paused: only those may be continued by a request that ends with the assistant's words. */
  const paused = new Set<string>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const record: SeenRequest = { at: now(), bytes: body.length, answered: "message" };
    seen.push(record);
    const hold = held.get(++arrived);
    if (seen.length > KEEP_REQUESTS) seen.shift();
    delete seen.at(-KEEP_BODIES - 1)?.body;
    const fault = faults.shift();
    try {
      checkHeaders(request, apiKey);
      const betas = String(request.headers["anthropic-beta"] ?? "").split(/\s*,\s*/);
      const envelope = parseRequest(body, extraModels, betas);
      const { chain: start, pieces: first } = beginning(envelope);
      const history = histories.read(envelope.messages, start, rulesOf(envelope));
      const asked = withShared(envelope, history);
      record.body = asked;
      const pieces = markedPieces(envelope, first, history);
      checkContext(asked.model, pieces);
      const { chain, role } = history.at(-1)!;
      if (role === "assistant" && !paused.has(chain.digest())) {
        throw new ClaudeError(
          400,
          "invalid_request_error",
          "This model does not support assistant message prefill. The conversation must end with a user message.",
        );
      }
      if (fault) record.answered = "fault";
      if (fault?.kind === "page") return sendPage(response, fault);
      if (fault?.kind === "status") throw new ClaudeError(fault.status, fault.type, fault.message, fault);
      const reply = brain(asked);
      await sleep(reply.delayMs ?? delayMs);
      hold?.reached();
      await hold?.released;
      const use = cache.use(pieces);
      const given = apiAnswerOf(asked, reply, chain, fault);
      record.served = {
        input: use.input,
        cacheRead: use.read,
        cacheWrite5m: use.written5m,
        cacheWrite1h: use.written1h,
        output: given.outputTokens,
      };
      if (given.stopReason === "pause_turn") {
        const end = chain.copy();
        for (const block of given.content) end.pass("assistant", block);
        paused.add(end.digest());
      }
      const usage = {
        input_tokens: use.input,
        cache_creation_input_tokens: use.written5m + use.written1h,
        cache_read_input_tokens: use.read,
        cache_creation: { ephemeral_5m_input_tokens: use.written5m, ephemeral_1h_input_tokens: use.written1h },
        output_tokens: 1,
        output_tokens_details: null,
        server_tool_use: null,
        service_tier: "standard",
        inference_geo: "not_available",
        speed: "standard",
      };
      const message = startOf(`msg_${now().toString(36)}${seen.length}`, `scripted-${asked.model}`, usage);
      if (asked.stream) {
        response.writeHead(200, {
          "content-type": "text/event-stream",
          "cache-control": "no-cache",
          "request-id": `req_${seen.length}`,
        });
        write(response, eventsOf(given, { type: "message_start", message }, fault), fault);
      } else {
        const { content, stopReason: stop_reason, stopDetails: stop_details, outputTokens: output_tokens } = given;
        send(response, 200, { ...message, content, stop_reason, stop_details, usage: { ...usage, output_tokens } });
      }
    } catch (error) {
      if (!(error instanceof ClaudeError)) throw error;
      if (!fault) record.answered = "refused";
      record.why = `${error.status} ${error.type}: ${error.message}`;
      log(`claude refused: ${record.why}`);
      send(response, error.status, error, error.headers);
    }
  }

  /** https://docs.claude.com/en/api/models-list, one page. */
  function list(request: IncomingMessage, response: ServerResponse): void {
    try {
      checkHeaders({ headers: { ...request.headers, "content-type": "application/json" } }, apiKey);
      const data = [...MODELS.map(({ id }) => id), ...extraModels].map((id) => ({
        type: "model",
        id,
        display_name: id,
      }));
      send(response, 200, { data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id });
    } catch (error) {
      if (!(error instanceof ClaudeError)) throw error;
      log(`claude refused: ${error.message}`);
      send(response, error.status, error, error.headers);
    }
  }

  const server = await listen(
    "claude",
    (request, response) => {
      if (request.method === "GET" && request.url?.split("?")[0] === "/v1/models") return list(request, response);
      if (request.method !== "POST" || request.url?.split("?")[0] !== "/v1/messages") {
        const error = new ClaudeError(404, "not_found_error", `Not found: ${request.method} ${request.url}`);
        log(`claude refused: ${error.message}`);
        return send(response, 404, error);
      }
      answer(request, response).catch((error: unknown) => {
        log(`claude failed: ${error instanceof Error ? error.stack : String(error)}`);
        if (response.headersSent) response.destroy();
        else send(response, 500, new ClaudeError(500, "api_error", "The scripted model failed."));
      });
    },
    options,
  );
  return {
    url: server.url,
    apiKey,
    faults,
    requests: () => [...seen],
    hold: (request) => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      held.set(request, { reached: reached.resolve, released: released.promise });
      return { reached: reached.promise, release: released.resolve };
    },
    stop: server.stopNow,
  };
}

const rulesOf = ({ model, thinking }: Envelope): Rules => ({
  model: modelOf(model),
  dropsThinking: thinking?.block_binding?.prefix_mismatch_behavior === "drop_block",
});

/** Requests of one conversation share the messages that they have in common: each is kept once. */
const withShared = (envelope: Envelope, history: readonly History[]): MessagesRequest => ({
  ...envelope,
  messages: envelope.messages.map((raw, i) => (hasMarks(raw) ? (raw as ApiMessage) : history[i]!.message)),
});

function checkHeaders({ headers }: Pick<IncomingMessage, "headers">, apiKey: string): void {
  const key = headers["x-api-key"] ?? headers.authorization?.replace(/^Bearer /, "");
  if (key !== apiKey)
    throw new ClaudeError(
      401,
      "authentication_error",
      key === undefined ? "x-api-key header is required" : "invalid x-api-key",
    );
  if (!headers["anthropic-version"])
    throw new ClaudeError(400, "invalid_request_error", "anthropic-version: header is required");
  if (!headers["content-type"]?.startsWith("application/json")) {
    throw new ClaudeError(400, "invalid_request_error", "Content-Type must be application/json");
  }
}

function sendPage(response: ServerResponse, { status, body, headers }: Extract<ClaudeFault, { kind: "page" }>): void {
  response.writeHead(status, { "content-type": "text/html", ...headers }).end(body);
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
