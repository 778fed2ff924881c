import { z } from "zod";
import { MessageBlock } from "./blocks.ts";
import { complaints } from "./complaints.ts";
import { actionIdComplaints, blockIdComplaints } from "./identity.ts";

/** All text of all blocks together; seen in slackapi/bolt-js#2509 (error `msg_blocks_too_long`), named in no reference. */
export const MAX_BLOCKS_CHARS = 13_200;
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
export function judgeMessageBlocks(blocks: unknown): BlocksVerdict {
  if (!Array.isArray(blocks)) return { ok: false, error: "invalid_blocks_format", messages: [] };
  const parsed = Blocks.safeParse(blocks);
  const messages = parsed.success
    ? [...blockIdComplaints(blocks, "/blocks"), ...actionIdComplaints(blocks, "/blocks"), ...tooMuch(blocks)]
    : complaints(parsed.error, blocks, "/blocks");
  if (messages.length > 0) return { ok: false, error: "invalid_blocks", messages };
  return textLength(blocks) > MAX_BLOCKS_CHARS
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
      sum +
      (typeof item === "string" ? (["text", "title", "alt_text"].includes(key) ? item.length : 0) : textLength(item)),
    0,
  );
}
