import type { types } from "@slack/bolt";
import { type ActionOf, blockText, type Call, callsWithAnswers, isTold } from "../../conversation/calls.ts";
import type { Exchange } from "../../conversation/exchanges.ts";
import { clip } from "../../text/cut.ts";
import { firstLine } from "../../text/lines.ts";
import { literal, richText, section } from "../text.ts";

/** How many words a turn gets; a page takes the widest that fits into a modal. */
export type SimpleRoom = { why: number; calls: number; told: number };
export const SIMPLE_ROOMS: readonly [SimpleRoom, ...SimpleRoom[]] = [
  { why: 1_200, calls: 10, told: 800 },
  { why: 500, calls: 6, told: 300 },
  { why: 200, calls: 3, told: 100 },
];
const MAX_CALL = 320;

/** What a person asked for stands between marks in what the model is told; the rest is for the technical view. */
const taskIn = (text: string) => /<task>\n([\s\S]*?)\n<\/task>/.exec(text)?.[1] ?? text;

/** What it did, and why it failed; other answers are for the technical view. */
function lineOf(call: Call, actionOf: ActionOf): string {
  const { words } = actionOf(call);
  const trouble = call.result?.isError ? `: failed, ${firstLine(call.result.text)}` : "";
  return clip(`${words.charAt(0).toUpperCase()}${words.slice(1)}${trouble}`, MAX_CALL);
}

/** What it did and why: its own words, then a line a call. */
export function simpleTurn(
  turn: Exchange,
  next: Exchange | undefined,
  room: SimpleRoom,
  actionOf: ActionOf,
): types.RichTextBlock {
  // A model may think a sentence and then say it.
  const words = [...new Set(turn.answered.map((block) => blockText(block).trim()))].filter((text) => text !== "");
  const told = turn.asked.filter(isTold).map((block) => taskIn(blockText(block)));
  const calls = callsWithAnswers(turn, next);
  const more = calls.length - room.calls;
  return richText(
    section([
      literal(`${turn.turn}. `, { bold: true }),
      ...(told.length > 0 ? [literal(`Was told: ${clip(told.join("\n").trim(), room.told)}\n`, { italic: true })] : []),
      literal(clip(words.join("\n").trim(), room.why) || (calls.length > 0 ? "Without a word:" : "Said nothing.")),
    ]),
    ...(calls.length > 0
      ? [
          {
            type: "rich_text_list" as const,
            style: "bullet" as const,
            elements: [
              ...calls.slice(0, room.calls).map((call) => section([literal(lineOf(call, actionOf))])),
              ...(more > 0 ? [section([literal(`and ${more} more`)])] : []),
            ],
          },
        ]
      : []),
  );
}
