import { ACK_MS } from "./delivery.ts";
import { TRIGGER_MS } from "./triggers.ts";

/**
 * Times and rates of https://docs.slack.dev/apis/web-api/rate-limits: tiers allow at least 1, 20, 50 and 100 calls
 * a minute; a channel takes about one post a second with short bursts. A test may tighten or loosen them.
 */
export const SLACK_LIMITS = {
  ackMs: ACK_MS,
  triggerMs: TRIGGER_MS,
  callsPerMinute: {
    "chat.update": 50,
    "chat.delete": 50,
    "chat.postMessage": 300,
    "chat.postEphemeral": 100,
    "auth.test": 300,
    "views.open": 100,
    "views.push": 100,
    "views.update": 100,
    "views.publish": 100,
    "users.info": 100,
  } as Record<string, number | undefined>,
  otherCallsPerMinute: 50,
  postsPerSecond: 1,
  postBurst: 5,
  /** An event that is not acked comes again: https://docs.slack.dev/apis/events-api#retries. */
  eventRetriesMs: [1_000, 60_000, 300_000],
};
export type SlackLimits = typeof SLACK_LIMITS;
