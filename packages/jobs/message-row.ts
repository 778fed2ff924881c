import { z } from "zod";
import { Timestamp } from "./job.ts";

/** The row of a message that shows other rows and changes with them: a job's card, a campaign's message. */
export const MessageRow = z.object({
  channelId: z.string(),
  /** Absent between the claim and the post: look for our metadata in the channel before posting. */
  ts: z.string().optional(),
  /** When the process that posts it began, or will begin. */
  claimedAt: Timestamp,
  /** Where people find it. Absent: Slack gave none yet. */
  permalink: z.url().optional(),
  /** The hash of what is shown now; the same hash needs no update. */
  hash: z.string().optional(),
  shownAt: Timestamp.optional(),
});
export type MessageRow = z.infer<typeof MessageRow>;
/** It is in Slack. */
export type PostedRow = MessageRow & { ts: string };

/** In place of a reply's ts, in the card's row, while it is being posted: when that began, or will begin. */
export const REPLY_CLAIM = "claimed ";
export const replyClaim = (at: string) => `${REPLY_CLAIM}${at}`;
export const replyClaimedAt = (known: string) =>
  known.startsWith(REPLY_CLAIM) ? known.slice(REPLY_CLAIM.length) : undefined;
