import { setTimeout as sleep } from "node:timers/promises";
import { AwsLambdaReceiver } from "@slack/bolt";
import { z } from "zod";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { wakeSchedule } from "../packages/pipeline/wake.ts";
import { createApp } from "../slack/app.ts";
import type { SlackDeps } from "../slack/deps.ts";
import { lineLogger } from "../slack/logger.ts";
import { openSlackDeps } from "../slack/open-deps.ts";

/**
 * A request as API Gateway's HTTP API gives it, payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
const HttpEvent = z.object({
  version: z.literal("2.0"),
  routeKey: z.string(),
  rawPath: z.string(),
  rawQueryString: z.string(),
  headers: z.record(z.string(), z.string()),
  requestContext: z.unknown(),
  body: z.string().default(""),
  isBase64Encoded: z.boolean(),
});

/** `POST /slack/events`: everything that Slack sends. Bolt verifies the signature before any listener runs. */
export function createSlack(environment: Environment) {
  const config = readConfig("slack", environment);
  const { SLACK_BOT_TOKEN: botToken, SLACK_API_URL: slackApiUrl, SLACK_SIGNING_SECRET: signingSecret } = config;
  const log = console.warn;
  const receiver = new AwsLambdaReceiver({ signingSecret, logger: lineLogger(log) });
  const deps = openSlackDeps(config, log, { wake: (pressed) => wakeSchedule(config, pressed) });
  createApp({ receiver, botToken, ...(slackApiUrl && { slackApiUrl }), log, deps });
  const answer = receiver.toHandler();

  return async (event: unknown) => {
    const { body, isBase64Encoded, ...request } = HttpEvent.parse(event);
    // Bolt would read base64 as ASCII, and a signature over UTF-8 would not fit any more.
    const begun = performance.now();
    const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
    try {
      const answered = await answer({ ...request, body: text, isBase64Encoded: false }, {});
      await settle(deps, begun + ANSWER_MS - performance.now());
      return answered;
    } catch (error) {
      // Bolt parses before it verifies: a stranger's nonsense is a bad request and no failure of this function.
      log(`slack: refused a request that cannot be read: ${error instanceof Error ? error.name : "unknown"}`);
      return { statusCode: 400, body: "" };
    }
  };
}

/**
 * Slack waits three seconds, a cold start among them. A request that has taken this long already, because GitHub was
 * asked for a person's rights, waits for the list of repositories no more.
 */
export const ANSWER_MS = 1_000;

/**
 * Between two requests Lambda lets nothing go on: what is fetched behind the scenes gets its time here, once in five
 * minutes.
 */
async function settle({ repositories }: SlackDeps, deadlineMs: number): Promise<void> {
  const late = new AbortController();
  const deadline = sleep(Math.max(0, deadlineMs), undefined, { signal: late.signal }).catch(() => {});
  await Promise.race([repositories.settled?.(), deadline]);
  late.abort();
}

export const handler = onFirstCall(createSlack);
