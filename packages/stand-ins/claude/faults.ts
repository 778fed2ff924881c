/** What can go wrong with one request. A test queues them; each is used up by the next request that arrives. */
export type ClaudeFault =
  /** Answered with an error instead of 200: 429 with retry-after, 529, 401, a spend limit. */
  | {
      kind: "status";
      status: number;
      type: string;
      message: string;
      headers?: Record<string, string>;
      details?: Record<string, unknown>;
    }
  /** What a proxy, a gateway or a captive portal answers in the API's place. */
  | { kind: "page"; status: number; body: string; headers?: Record<string, string> }
  /** An `error` event after a 200 and half an answer. */
  | { kind: "error-event"; type: string; message: string }
  /** The socket dies in mid-answer. */
  | { kind: "cut" }
  /** The last tool input ends in the middle; stop_reason says tool_use all the same. */
  | { kind: "broken-json" }
  /** The last tool input ends in the middle and stop_reason is max_tokens. */
  | { kind: "max-tokens" }
  | { kind: "refusal"; category: "cyber" | "bio" | "general_harms" | null; explanation?: string }
  /** The answer ends with this reason and nothing but text. */
  | { kind: "stop"; reason: "end_turn" | "pause_turn" | "model_context_window_exceeded" }
  /** Pings and an event that no client knows, between the known ones. */
  | { kind: "unknown-events" };

export const rateLimited = (retryAfterSeconds: number): ClaudeFault => ({
  kind: "status",
  status: 429,
  type: "rate_limit_error",
  message: "This request would exceed your organization's rate limit.",
  headers: { "retry-after": String(retryAfterSeconds) },
});

export const overloaded: ClaudeFault = { kind: "status", status: 529, type: "overloaded_error", message: "Overloaded" };

export const wrongKey: ClaudeFault = {
  kind: "status",
  status: 401,
  type: "authentication_error",
  message: "invalid x-api-key",
};

export const spendLimit: ClaudeFault = {
  kind: "status",
  status: 429,
  type: "rate_limit_error",
  message: "Your organization has reached its monthly spend limit.",
  details: { error_code: "enforced_spend_limit_reached" },
};
