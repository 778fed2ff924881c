import { APIConnectionError, APIError } from "@anthropic-ai/sdk";
import type { Concession } from "../conversation/conversation.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { head } from "../text/cut.ts";
import { withoutHidden } from "../text/hidden.ts";
import { oneLine } from "../text/lines.ts";
import { whyLost } from "./connection.ts";

export type Failure =
  /** Overload or a rate limit: the run pauses, for as long as it has time. */
  | { kind: "wait"; afterMs?: number }
  /** The answer was lost on its way; asking again has no side effect. */
  | { kind: "retry"; whenExhausted: Reason }
  | { kind: "context-full" }
  /** The same may be accepted in another form. */
  | { kind: "concede"; to: Concession; otherwise: Reason }
  | { kind: "stop"; reason: Reason };

/** A 200 that is no stream of the Messages API: a captive portal's page, a proxy's greeting. */
export class NotTheApi extends Error {
  override name = "NotTheApi";
}

const SPEND_LIMITS = new Set([
  "enforced_spend_limit_reached",
  "contract_spend_limit_reached",
  "linked_organization_spend_limit_reached",
  "linked_organization_billing_unavailable",
]);

/** What to do about anything that `messages.stream()` can throw. Our own abort is not a failure: check the signal first. */
export function failureOf(error: unknown, now: Date): Failure {
  if (error instanceof NotTheApi) return { kind: "retry", whenExhausted: because("model-address", error.message) };
  const isAnswered = error instanceof APIError && (error.status !== undefined || error.type !== null);
  if (!isAnswered || error instanceof APIConnectionError) {
    // A cut socket, a stream without an end, or tool input that is not JSON.
    const { words, isFinal } = whyLost(error);
    return isFinal
      ? { kind: "stop", reason: because("model-unreachable", words, "certificate") }
      : { kind: "retry", whenExhausted: because("model-unreachable", words, "connection") };
  }
  const said = wordsOf(error);
  if (isSpendLimit(error, said)) return { kind: "stop", reason: because("spend-limit", said) };
  const status = error.status ?? statusOf(error.type);
  const lost = () =>
    because("model-unreachable", said ?? `a gateway on the way to it answered ${status}`, "connection");
  const concede = (to: Concession): Failure => ({
    kind: "concede",
    to,
    otherwise: because("model-request", { said }),
  });
  switch (status) {
    case 401:
      return { kind: "stop", reason: because("model-key", said) };
    case 403:
      return {
        kind: "stop",
        reason: isOfTheApi(error) ? because("model-key", said) : because("model-blocked", status),
      };
    case 404:
      return { kind: "stop", reason: /model/i.test(said ?? "") ? because("model-unknown", said) : notFound() };
    case 405:
      return { kind: "stop", reason: notFound() };
    case 413:
      return { kind: "stop", reason: because("model-request", "too large") };
    case 429:
      if (error.headers?.get("x-should-retry") === "false")
        return { kind: "stop", reason: because("spend-limit", said) };
      return wait(error, now);
    case 503:
      return isOfTheApi(error) || error.headers?.has("retry-after")
        ? wait(error, now)
        : { kind: "retry", whenExhausted: lost() };
    case 529:
      return wait(error, now);
    case 408:
    case 409:
      return { kind: "retry", whenExhausted: lost() };
    case 400:
      if (/prompt is too long|context (window|limit)/i.test(said ?? "")) return { kind: "context-full" };
      if (/thinking/i.test(said ?? "") && /signature|bound to|block_binding/i.test(said ?? ""))
        return concede("drop-thinking");
      if (/\brole\b/i.test(said ?? "") && /system/i.test(said ?? "")) return concede("frame-notes");
      if (/\bimages?\b/i.test(said ?? "")) return concede("drop-images");
      break;
  }
  if (status >= 500) return { kind: "retry", whenExhausted: lost() };
  return {
    kind: "stop",
    reason: isOfTheApi(error) ? because("model-request", { said }) : because("model-blocked", status),
  };
}

const notFound = () => because("model-address", "it knows no such path");

/** Proxies and gateways answer with pages or with a JSON of their own. */
const isOfTheApi = (error: APIError) => error.type !== null;

/** The API's own sentence on one line. A page, or an error without words, says nothing to people. */
function wordsOf({ apiMessage }: APIError): string | undefined {
  if (typeof apiMessage !== "string") return undefined;
  const plain = oneLine(withoutHidden(apiMessage));
  return plain === "" || /<\/?[a-z!][^>]*>/i.test(plain) ? undefined : head(plain, 300);
}

/** An `error` event in the stream has a type but no status. */
function statusOf(type: APIError["type"]): number {
  switch (type) {
    case "overloaded_error":
      return 529;
    case "rate_limit_error":
      return 429;
    case "authentication_error":
      return 401;
    case "permission_error":
      return 403;
    case "not_found_error":
      return 404;
    case "invalid_request_error":
      return 400;
    default:
      return 500;
  }
}

/** A workspace's own limit comes as a 400 that only its words tell from other bad requests. */
function isSpendLimit(error: APIError, said: string | undefined): boolean {
  return (
    error.status === 402 ||
    error.type === "billing_error" ||
    SPEND_LIMITS.has(error.errorCode ?? "") ||
    (error.status === 400 && /usage limits?|spend(ing)? (limit|cap)|credit balance/i.test(said ?? ""))
  );
}

function wait(error: APIError, now: Date): Failure {
  const afterMs = retryAfterMs(error.headers, now);
  return { kind: "wait", ...(afterMs !== undefined && { afterMs }) };
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds or a date; `retry-after-ms` is the API's own. */
function retryAfterMs(headers: Headers | undefined, now: Date): number | undefined {
  const exact = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (exact >= 0) return exact;
  const text = headers?.get("retry-after");
  if (!text) return undefined;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - now.getTime() : seconds * 1_000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
