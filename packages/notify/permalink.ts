import type { Card } from "../jobs/job-record.ts";
import { slackErrorOf } from "./client.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** A message says everything without it, but where the card is. */
export async function permalinkOf(
  { slack, log }: Pick<ThreadDeps, "slack" | "log">,
  { channelId, ts, jobId }: Card & { ts: string },
): Promise<string | undefined> {
  try {
    return (await slack.chat.getPermalink({ channel: channelId, message_ts: ts })).permalink;
  } catch (error) {
    log(`${jobId}: no link to its card: ${slackErrorOf(error) ?? error}`);
    return undefined;
  }
}
