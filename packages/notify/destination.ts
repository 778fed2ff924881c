import type { WebClient } from "@slack/web-api";
import { slackErrorOf } from "./client.ts";

export type SlackHomes = { conversations: Pick<WebClient["conversations"], "join" | "open"> };

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
  "thread_not_found",
];

export const isClosedToUs = (error: unknown) => CLOSED_TO_US.includes(slackErrorOf(error) ?? "");

const isPerson = (channelId: string) => /^[UW]/.test(channelId);

/**
 * Posts in a channel, and joins it first where Slack says that only members may: only they can read back the messages
 * that a crash left. A person's id stands for the direct message with them.
 */
export async function postAt<Answer>(
  slack: SlackHomes,
  channel: string,
  post: (channel: string) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await post(channel);
  } catch (error) {
    if (slackErrorOf(error) !== "not_in_channel") throw error;
    await slack.conversations.join({ channel });
    return await post(channel);
  }
}

/** Where messages of ours can be read back. undefined: nowhere, so there are none. */
export async function readableAt<Found>(
  slack: SlackHomes,
  channelId: string,
  read: (channel: string) => Promise<Found>,
): Promise<Found | undefined> {
  try {
    if (!isPerson(channelId)) return await read(channelId);
    const { channel } = await slack.conversations.open({ users: channelId });
    return channel?.id ? await read(channel.id) : undefined;
  } catch (error) {
    if (!isClosedToUs(error)) throw error;
    return undefined;
  }
}
