import { slackErrorOf } from "./client.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** A message says everything without it, but where the card is. `id`: of what it shows, for the log. */
export async function permalinkOf(
  { slack, log }: Pick<ThreadDeps, "slack" | "log">,
  { channelId, ts, id }: { channelId: string; ts: string; id: string },
): Promise<string | undefined> {
  try {
    return (await slack.chat.getPermalink({ channel: channelId, message_ts: ts })).permalink;
  } catch (error) {
    log(`${id}: no link to its card: ${slackErrorOf(error) ?? error}`);
    return undefined;
  }
}
