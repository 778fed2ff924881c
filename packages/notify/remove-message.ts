import { slackErrorOf } from "./client.ts";
import type { ThreadDeps } from "./thread-deps.ts";

export type RemoveDeps = { slack: { chat: Pick<ThreadDeps["slack"]["chat"], "delete"> } } & Pick<ThreadDeps, "log">;

/**
 * One of ours that another process has posted too; it may have taken this one back as well. What Slack refuses stays
 * there twice, and the log says so.
 */
export async function removeMessage(
  { slack, log }: RemoveDeps,
  { channelId: channel, ts, id }: { channelId: string; ts: string; id: string },
): Promise<void> {
  try {
    await slack.chat.delete({ channel, ts });
  } catch (error) {
    if (slackErrorOf(error) === "message_not_found") return;
    log(
      `${id}: its message ${ts} stands twice in ${channel} and could not be taken back: ${slackErrorOf(error) ?? error}`,
    );
  }
}
