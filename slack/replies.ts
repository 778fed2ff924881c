import type { webApi } from "@slack/bolt";

type Conversations = Pick<webApi.WebClient["conversations"], "replies">;
type Reply = NonNullable<webApi.ConversationsRepliesResponse["messages"]>[number];

/** Slack gives a thread from its oldest message on: its end stands on the last of these pages. */
const A_PAGE = 500;
const MAX_PAGES = 12;
const MAX_KEPT = 200;

/** The last messages of a thread up to `latest`, and how many stand before them. */
export async function repliesUpTo(
  conversations: Conversations,
  { channel, ts, latest }: { channel: string; ts: string; latest: string },
): Promise<{ messages: Reply[]; leftOut: number }> {
  const found = new Map<string, Reply>();
  let seen = 0;
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const query = { channel, ts, latest, inclusive: true, limit: A_PAGE, ...(cursor && { cursor }) };
    const page = await conversations.replies(query);
    for (const message of page.messages ?? []) {
      // The root may come with every page.
      if (!message.ts || found.has(message.ts) || (pages > 0 && message.ts === ts)) continue;
      found.set(message.ts, message);
      seen += 1;
    }
    for (const old of [...found.keys()].slice(0, -MAX_KEPT)) found.delete(old);
    cursor = page.response_metadata?.next_cursor || undefined;
    if (!cursor) break;
  }
  const messages = [...found.values()].filter((message) => Number(message.ts) <= Number(latest));
  return { messages, leftOut: seen - found.size };
}
