import { clip } from "../text/cut.ts";
import { oneLine } from "../text/lines.ts";

/** HTTP status of what Octokit threw; undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : undefined;
}

export function headerOf(error: unknown, name: string): string | undefined {
  const value = responseOf(error).headers?.[name];
  return value === undefined ? undefined : `${value}`;
}

/** The `errors` of a 422: which field, or one sentence. GitHub gives sentences alone as well. */
export type Detail = { field?: string; code?: string; message?: string };

export function detailsOf(error: unknown): Detail[] {
  const { data } = responseOf(error);
  if (typeof data !== "object" || data === null || !("errors" in data) || !Array.isArray(data.errors)) return [];
  return data.errors.flatMap((one: unknown) => {
    if (typeof one === "string") return [{ message: one }];
    return typeof one === "object" && one !== null ? [one as Detail] : [];
  });
}

/** What GitHub said, as words for people: no JSON, no page of HTML, no link to the documentation. */
export function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { data } = responseOf(error);
  if (typeof data === "string")
    return /^\s*</.test(data) ? `a page of HTML (${statusOf(error)})` : clip(data.trim(), 300);
  const said = data && typeof data === "object" && "message" in data ? `${data.message}` : withoutLink(error.message);
  const details = detailsOf(error).map(sentenceOf).filter(Boolean);
  return clip(oneLine([said, ...new Set(details)].join(": ")), 400);
}

const sentenceOf = ({ field, code, message }: Detail) =>
  message ?? [field, code?.replaceAll("_", " ")].filter(Boolean).join(" is ");

const withoutLink = (text: string) => text.replace(/ - https:\S+$/, "");

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: 403 too means a rate limit. */
export const isRateLimit = (error: unknown) =>
  statusOf(error) === 429 ||
  (statusOf(error) === 403 &&
    (headerOf(error, "x-ratelimit-remaining") === "0" ||
      headerOf(error, "retry-after") !== undefined ||
      /\brate limit\b|abuse detection/i.test(saidBy(error))));

/** A 422 that only means: too soon. */
export const isTooSoon = (error: unknown) => statusOf(error) === 422 && /submitted too quickly/i.test(saidBy(error));

/** It may pass by itself: nothing was said about what was asked for. */
export const isTemporary = (error: unknown) => (statusOf(error) ?? 0) >= 500 || isRateLimit(error) || isTooSoon(error);

/** How long GitHub asks to wait; undefined where it does not say. */
export function retryAfterMsOf(error: unknown, now = Date.now()): number | undefined {
  const seconds = Number(headerOf(error, "retry-after"));
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1_000;
  if (headerOf(error, "x-ratelimit-remaining") !== "0") return undefined;
  const reset = Number(headerOf(error, "x-ratelimit-reset"));
  return Number.isFinite(reset) && reset > 0 ? Math.max(1_000, reset * 1_000 - now) : undefined;
}

type Response = { data?: unknown; headers?: Record<string, string | number | undefined> };
const responseOf = (error: unknown): Response => (error as { response?: Response } | undefined)?.response ?? {};
