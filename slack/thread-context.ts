import type { webApi } from "@slack/bolt";
import { MAX_PROMPT_CHARS } from "../packages/jobs/job.ts";
import { plural } from "../packages/text/counts.ts";
import { clipStart, head } from "../packages/text/cut.ts";
import { messageWords, wordsTo } from "./message-words.ts";
import { filesOfMessage, type SlackFile } from "./read-file.ts";
import { repliesUpTo } from "./replies.ts";

/** A message in which a person mentioned us, and the thread that it stands in, if any. */
export type Mention = { channelId: string; ts: string; threadTs?: string | undefined };

/** Whose words it was is in no prompt: names are Slack's, and the model has no use for them. */
const quoted = (words: string) =>
  words
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");

const BETWEEN = "\n>\n";
const LEAST_OF_A_MESSAGE = 200;

/**
 * The words of a mention without the mention itself, and below them what was said before in its thread, as far as a
 * prompt may be long: of the thread, its end, and how much is missing; and its own files. undefined: the message has gone.
 */
export async function readMention(
  { conversations }: Pick<webApi.WebClient, "conversations">,
  { channelId: channel, ts, threadTs }: Mention,
  botUserId: string,
): Promise<{ prompt: string; files: SlackFile[] } | undefined> {
  const { messages, leftOut } = threadTs
    ? await repliesUpTo(conversations, { channel, ts: threadTs, latest: ts })
    : {
        messages: (await conversations.history({ channel, latest: ts, inclusive: true, limit: 1 })).messages ?? [],
        leftOut: 0,
      };
  const mention = messages.find((message) => message.ts === ts);
  if (!mention) return undefined;
  const prompt = wordsTo(mention, botUserId);
  const files = filesOfMessage(mention);
  if (!threadTs) return { prompt, files };
  const before = messages
    .filter((message) => message.ts !== ts && message.user !== botUserId)
    .map(messageWords)
    .filter((words) => words !== "");
  const whole = `${prompt}${threadWords(before, leftOut, MAX_PROMPT_CHARS - prompt.length)}`.trim();
  return { prompt: whole, files };
}

/** As many whole messages as there is room for, from the last one back; of a long one its end. */
export function threadWords(messages: readonly string[], leftOut: number, room: number): string {
  const titleOf = (missing: number) =>
    missing === 0
      ? "\n\nWhat was said in the thread before:\n"
      : `\n\nWhat was said in the thread before, its end (${plural(missing, "earlier message is", "earlier messages are")} left out):\n`;
  const shown: string[] = [];
  let left = room - titleOf(messages.length + leftOut).length;
  for (const words of messages.toReversed()) {
    const whole = quoted(words);
    const cost = whole.length + BETWEEN.length;
    if (cost > left && (shown.length > 0 || left < LEAST_OF_A_MESSAGE)) break;
    shown.unshift(cost > left ? quotedEnd(words, left - BETWEEN.length) : whole);
    left -= cost;
  }
  if (shown.length === 0) return "";
  return head(`${titleOf(messages.length - shown.length + leftOut)}${shown.join(BETWEEN)}`, room);
}

/** Quoting adds to each line, so the end is taken of what is quoted. */
const quotedEnd = (words: string, max: number) => `> ${clipStart(quoted(words), max - 2)}`;
