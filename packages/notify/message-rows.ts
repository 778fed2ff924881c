import type { MessageRow, PostedRow } from "../jobs/message-row.ts";

/** The rows of one kind of message, by the id of what they show. */
export type MessageRows = {
  claim(id: string, claim: Pick<MessageRow, "channelId" | "claimedAt">): Promise<"claimed" | "exists">;
  renew(id: string, before: string, claim: { claimedAt: string; channelId?: string }): Promise<"renewed" | "lost">;
  keepPosted(id: string, posted: Omit<Posted, "permalink">): Promise<"kept" | "overtaken">;
  keepShown(
    id: string,
    shown: Required<Pick<MessageRow, "hash" | "shownAt">>,
    before: string | undefined,
  ): Promise<"kept" | "overtaken">;
  keepLink(id: string, permalink: string): Promise<void>;
};
export type Posted = Pick<PostedRow, "channelId" | "ts" | "hash" | "shownAt" | "permalink">;
