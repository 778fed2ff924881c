import { type Logger, WebAPIPlatformError, WebAPIRateLimitedError, WebClient } from "@slack/web-api";

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
});

export const createSlackClient = (token: string, options?: SlackClientOptions) =>
  new WebClient(token, slackClientOptions(options));

/** Slack's error code (`channel_not_found`), undefined for anything else that went wrong. */
export const slackErrorOf = (error: unknown) => (error instanceof WebAPIPlatformError ? error.data.error : undefined);

const MAX_WAITS = 5;

/** Waits as long as Slack asks. A call that was refused by a rate limit did nothing, so repeating it is safe. */
export async function politely<Result>(
  sleep: (ms: number) => Promise<void>,
  call: () => Promise<Result>,
): Promise<Result> {
  for (let waits = 0; ; waits++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof WebAPIRateLimitedError) || waits === MAX_WAITS) throw error;
      await sleep(error.retryAfter * 1_000);
    }
  }
}
