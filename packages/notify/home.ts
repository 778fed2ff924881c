import type { WebClient } from "@slack/web-api";
import type { Job } from "../jobs/job.ts";
import { slackErrorOf } from "./client.ts";

export type SlackHomes = { conversations: Pick<WebClient["conversations"], "info" | "join" | "open"> };

/** Slack's words for "this channel is not for you": the card goes to the requester directly then. */
const CLOSED_TO_US = [
  "channel_not_found",
  "not_in_channel",
  "is_archived",
  "method_not_supported_for_channel_type",
  "restricted_action",
  "restricted_action_read_only_channel",
  "missing_scope",
  "no_permission",
  "user_not_found",
];

export const isClosedToUs = (error: unknown) => CLOSED_TO_US.includes(slackErrorOf(error) ?? "");

export async function directMessageOf(slack: SlackHomes, userId: string): Promise<string> {
  const { channel } = await slack.conversations.open({ users: userId });
  if (!channel?.id) throw new Error(`Slack opened no direct message with ${userId}.`);
  return channel.id;
}

/**
 * Where the card of a job lives: the channel of its submit when we are a member or may become one (only members can
 * read back the messages that a crash left), else a direct message with the requester.
 */
export async function homeOf(slack: SlackHomes, job: Pick<Job, "channelId" | "userId">): Promise<string> {
  try {
    const { channel } = await slack.conversations.info({ channel: job.channelId });
    if (channel?.is_member || channel?.is_im) return job.channelId;
    await slack.conversations.join({ channel: job.channelId });
    return job.channelId;
  } catch (error) {
    if (!isClosedToUs(error)) throw error;
    return directMessageOf(slack, job.userId);
  }
}
