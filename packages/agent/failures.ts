import { APIConnectionError, APIError } from "@anthropic-ai/sdk";
import type { Reason } from "../jobs/outcome.ts";
import {
  modelKeyReason,
  modelRequestReason,
  modelUnknownReason,
  modelUnreachableReason,
  spendLimitReason,
} from "./reasons.ts";

export type Failure =
  /** Overload or a rate limit: the run pauses, for as long as it has time. */
  | { kind: "wait"; afterMs?: number }
  /** The answer was lost on its way; asking again has no side effect. */
  | { kind: "retry"; whenExhausted: Reason }
  | { kind: "context-full" }
  | { kind: "stop"; reason: Reason };

const SPEND_LIMITS = new Set([
  "enforced_spend_limit_reached",
  "contract_spend_limit_reached",
  "linked_organization_spend_limit_reached",
  "linked_organization_billing_unavailable",
]);

/** What to do about anything that `messages.stream()` can throw. Our own abort is not a failure: check the signal first. */
export function failureOf(error: unknown, now: Date): Failure {
  const said =
    error instanceof APIError ? (error.apiMessage ?? error.message) : String((error as Error)?.message ?? error);
  if (!(error instanceof APIError) || error instanceof APIConnectionError) {
    // A cut socket, a stream without an end, or tool input that is not JSON.
    return { kind: "retry", whenExhausted: modelUnreachableReason(said) };
  }
  if (error.status === undefined && error.type === null)
    return { kind: "retry", whenExhausted: modelUnreachableReason(said) };
  if (isSpendLimit(error, said)) return { kind: "stop", reason: spendLimitReason(said) };
  switch (error.status ?? statusOf(error.type)) {
    case 401:
    case 403:
      return { kind: "stop", reason: modelKeyReason(said) };
    case 404:
      return { kind: "stop", reason: modelUnknownReason(said) };
    case 429:
      if (error.headers?.get("x-should-retry") === "false") return { kind: "stop", reason: spendLimitReason(said) };
      return wait(error, now);
    case 503:
    case 529:
      return wait(error, now);
    case 408:
    case 409:
    case 500:
    case 502:
    case 504:
      return { kind: "retry", whenExhausted: modelUnreachableReason(said) };
    case 400:
      if (/prompt is too long|context (window|limit)/i.test(said)) return { kind: "context-full" };
      return { kind: "stop", reason: modelRequestReason(said) };
    default:
      return (error.status ?? 0) >= 500
        ? { kind: "retry", whenExhausted: modelUnreachableReason(said) }
        : { kind: "stop", reason: modelRequestReason(said) };
  }
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
function isSpendLimit(error: APIError, said: string): boolean {
  return (
    error.status === 402 ||
    error.type === "billing_error" ||
    SPEND_LIMITS.has(error.errorCode ?? "") ||
    (error.status === 400 && /usage limits?|spend(ing)? (limit|cap)|credit balance/i.test(said))
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
