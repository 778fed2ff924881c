import { z } from "zod";
import { MessageBlock } from "./blocks.ts";
import { complaints } from "./complaints.ts";
import { actionIdComplaints, blockIdComplaints } from "./identity.ts";
import { stored } from "./text.ts";

/**
 * All text of all blocks together, and something for each block; named in no reference. "12,000 text characters with a
 * buffer for block containers", says slackapi/bolt-js#2509, where one markdown block of 13,297 characters was the most;
 * 11,341 characters in 45 blocks were refused in #2867, 9,597 in 50 were taken. These figures fit all of that.
 */
const MAX_MESSAGE_CHARS = 13_343;
const BLOCK_CHARS = 46;
const MAX_MARKDOWN_CHARS = 12_000;
const MAX_TABLE_CHARS = 10_000;

const Blocks = z
  .array(MessageBlock)
  .max(50)
  .superRefine((blocks, context) => {
    if (blocks.some((b) => b.type === "plan") && blocks.some((b) => b.type === "task_card"))
      context.addIssue({ code: "custom", message: "`plan` cannot be mixed with `task_card` blocks", path: [] });
  });

export type BlocksVerdict = { ok: true } | { ok: false; error: string; messages: string[] };

/** Blocks of a message as `chat.*`, `response_url` and an ack take them. */
export function checkMessageBlocks(blocks: unknown): BlocksVerdict {
  if (!Array.isArray(blocks)) return { ok: false, error: "invalid_blocks_format", messages: [] };
  const parsed = Blocks.safeParse(blocks);
  const messages = parsed.success
    ? [...blockIdComplaints(blocks, "/blocks"), ...actionIdComplaints(blocks, "/blocks"), ...tooMuch(blocks)]
    : complaints(parsed.error, blocks, "/blocks");
  if (messages.length > 0) return { ok: false, error: "invalid_blocks", messages };
  return textLength(blocks) + blocks.length * BLOCK_CHARS > MAX_MESSAGE_CHARS
    ? { ok: false, error: "msg_blocks_too_long", messages: [] }
    : { ok: true };
}

function tooMuch(blocks: { type: string }[]): string[] {
  const sum = (type: string) => textLength(blocks.filter((block) => block.type === type));
  return [
    ...(sum("markdown") > MAX_MARKDOWN_CHARS
      ? [`markdown text must be less than 12001 characters [json-pointer:/blocks]`]
      : []),
    ...(sum("table") > MAX_TABLE_CHARS ? [`table text must be less than 10001 characters [json-pointer:/blocks]`] : []),
  ];
}

function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0);
  if (value === null || typeof value !== "object") return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) =>
      sum + (typeof item !== "string" ? textLength(item) : TEXTS.includes(key) ? lengthOf(value, item) : 0),
    0,
  );
}

const TEXTS = ["text", "title", "alt_text"];

/** What is mrkdwn already is stored as it came; everything else is escaped before it is stored. */
const lengthOf = (holder: object, text: string) =>
  "type" in holder && (holder.type === "mrkdwn" || holder.type === "markdown") ? text.length : stored(text);
