import {
  type FetchFunction,
  type Logger,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from "@slack/web-api";
import { wellFormedJson } from "../text/well-formed.ts";

/** Longer than this no request of ours is under way. */
export const SLACK_TIMEOUT_MS = 10_000;

/** `slackApiUrl`: for a stand-in; ends with `/api/`. */
export type SlackClientOptions = { slackApiUrl?: string; logger?: Logger };

/**
 * Never repeats a request by itself: `chat.postMessage` has no idempotency key, so a repeat after a lost response would
 * be a second message; and the library's own policy would go on for half an hour. Rate limits reach the caller.
 */
export const slackClientOptions = ({ slackApiUrl, logger }: SlackClientOptions = {}) => ({
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  timeout: SLACK_TIMEOUT_MS,
  allowAbsoluteUrls: false,
  ...(slackApiUrl && { slackApiUrl: slackApiUrl.endsWith("/") ? slackApiUrl : `${slackApiUrl}/` }),
  ...(logger && { logger }),
  fetch: ((url, init) =>
    fetch(url, { ...init, body: wellFormedForm(init?.body) } as RequestInit)) satisfies FetchFunction,
});

/** Blocks and views travel as JSON in a form, in which half of a character is an escape that Slack does not take. */
function wellFormedForm(body: unknown) {
  if (typeof body !== "string" || !/%5Cud[89a-f]/i.test(body)) return body;
  const fields = [...new URLSearchParams(body)].map(([name, value]) => [
    name,
    /^[[{]/.test(value) ? wellFormedJson(value) : value,
  ]);
  return new URLSearchParams(fields).toString();
}

export const createSlackClient = (token: string, options?: SlackClientOptions) =>
  new WebClient(token, slackClientOptions(options));

/** What stands in a message of ours mentions and unfurls nothing by itself. */
export const QUIET = { parse: "none", link_names: false, unfurl_links: false, unfurl_media: false } as const;

/** Slack's own trouble, over in a while. https://docs.slack.dev/reference/methods/auth.test#errors */
export const PASSING = ["internal_error", "fatal_error", "service_unavailable", "ratelimited", "request_timeout"];

/** Slack's error code (`channel_not_found`), undefined for anything else that went wrong. */
export const slackErrorOf = (error: unknown) => (error instanceof WebAPIPlatformError ? error.data.error : undefined);

const MAX_TRIES = 10;

/**
 * A place in the line before a method that Slack limits. `told` hears how long the wait will be before it begins.
 * `refused`: Slack itself said that it was too early, and for how long.
 */
export type Slot = {
  take(told?: (waitMs: number) => Promise<void>): Promise<void>;
  refused(forMs: number): Promise<void>;
};

/** ms that Slack asks to wait; undefined for anything else that went wrong. */
export const refusedForMs = (error: unknown) =>
  error instanceof WebAPIRateLimitedError ? error.retryAfter * 1_000 : undefined;

/** Takes a slot, and another one when that was too early. A call that a rate limit refused did nothing: repeating it is safe. */
export async function inSlot<Result>(
  slot: Slot,
  call: () => Promise<Result>,
  told?: (waitMs: number) => Promise<void>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    await slot.take(told);
    try {
      return await call();
    } catch (error) {
      const forMs = refusedForMs(error);
      if (forMs === undefined || tries === MAX_TRIES) throw error;
      await slot.refused(forMs);
    }
  }
}
