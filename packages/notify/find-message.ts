import type { WebClient } from "@slack/web-api";
import { z } from "zod";

/** What we hang on our messages, so that a message posted by a process that died is found and not posted again. */
export type Marker = {
  event_type: "cody_card" | "cody_closing" | "cody_told" | "cody_campaign";
  /** `job_id`: of a campaign's message, the campaign's. */
  event_payload: { job_id: string; round?: number };
};

export type SlackReader = {
  auth: Pick<WebClient["auth"], "test">;
  conversations: Pick<WebClient["conversations"], "history" | "replies">;
};

const Message = z.object({
  ts: z.string(),
  user: z.string().optional(),
  metadata: z
    .object({ event_type: z.string(), event_payload: z.object({ job_id: z.string(), round: z.number().optional() }) })
    .optional()
    .catch(undefined),
});
const Page = z.object({
  messages: z.array(Message).default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

const MAX_PAGES = 10;

/** `since`: seconds, as Slack's ts. In a thread when `thread` is given. Checks the author too: a marker can be forged. */
export async function findMessage(
  slack: SlackReader,
  where: { channel: string; since: string; thread?: string },
  marker: Marker,
): Promise<{ channelId: string; ts: string } | undefined> {
  const self = (await slack.auth.test()).user_id;
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const query = {
      channel: where.channel,
      oldest: where.since,
      include_all_metadata: true,
      limit: 100,
      ...(cursor && { cursor }),
    };
    const page = Page.parse(
      where.thread
        ? await slack.conversations.replies({ ...query, ts: where.thread })
        : await slack.conversations.history(query),
    );
    const found = page.messages.find(
      ({ user, metadata }) =>
        user === self &&
        metadata?.event_type === marker.event_type &&
        metadata.event_payload.job_id === marker.event_payload.job_id &&
        metadata.event_payload.round === marker.event_payload.round,
    );
    if (found) return { channelId: where.channel, ts: found.ts };
    cursor = page.response_metadata?.next_cursor;
    if (!cursor) return undefined;
  }
  return undefined;
}
