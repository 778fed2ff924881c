import type { webApi } from "@slack/bolt";
import { MAX_PROMPT_CHARS } from "../packages/jobs/limits.ts";
import { clip } from "../packages/notify/text.ts";
import { promptText } from "./prompt-text.ts";

/** A message in which somebody mentioned us, and the thread that it stands in, if any. */
export type Mention = { channelId: string; ts: string; threadTs?: string | undefined };

const MAX_MESSAGES = 100;
const BEFORE_CONTEXT = "\n\nWhat was said in the thread before:\n";

/** Whose words it was is in no prompt: names are Slack's, and the model has no use for them. */
const quoted = (text: string) =>
  promptText(text)
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");

/**
 * The words of a mention without the mention itself, and below them what was said before in its thread, as far as a
 * prompt may be long: of the thread, its end. undefined: the message has gone.
 */
export async function readMention(
  { conversations }: Pick<webApi.WebClient, "conversations">,
  { channelId: channel, ts, threadTs }: Mention,
  botUserId: string,
): Promise<string | undefined> {
  const { messages = [] } = threadTs
    ? await conversations.replies({ channel, ts: threadTs, latest: ts, inclusive: true, limit: MAX_MESSAGES })
    : await conversations.history({ channel, latest: ts, inclusive: true, limit: 1 });
  const mention = messages.find((message) => message.ts === ts);
  if (!mention) return undefined;
  const prompt = mentionText(mention.text ?? "", botUserId);
  const before = messages
    .filter((message) => message.ts !== ts && message.user !== botUserId && message.text)
    .map(({ text }) => quoted(text!))
    .join("\n>\n");
  const room = MAX_PROMPT_CHARS - prompt.length - BEFORE_CONTEXT.length;
  if (!threadTs || before === "" || room < 1) return prompt;
  const end = before.length > room ? `…${before.slice(1 - room)}` : before;
  return clip(`${prompt}${BEFORE_CONTEXT}${end}`.trim(), MAX_PROMPT_CHARS);
}

export const mentionText = (text: string, botUserId: string) => promptText(text.replaceAll(`<@${botUserId}>`, ""));
