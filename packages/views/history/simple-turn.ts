import type { types } from "@slack/bolt";
import { z } from "zod";
import type { ContentBlock } from "../../conversation/conversation.ts";
import { clip } from "../../text/cut.ts";
import { firstLine } from "../../text/lines.ts";
import { andMore } from "../../text/lists.ts";
import { literal, richText, section } from "../text.ts";
import { callsWithResults, resultText, type ShownTurn, textOf } from "./shown-turn.ts";

/** How many words a turn gets; a page takes the widest that fits into a modal. */
export type SimpleRoom = { why: number; calls: number; told: number };
export const SIMPLE_ROOMS: readonly [SimpleRoom, ...SimpleRoom[]] = [
  { why: 1_200, calls: 10, told: 800 },
  { why: 500, calls: 6, told: 300 },
  { why: 200, calls: 3, told: 100 },
];
const MAX_CALL = 320;

const said = z.string().catch("");
const Move = z.object({ from: said, to: said });
const Input = z
  .object({
    path: said,
    from: said,
    to: said,
    paths: z.array(said).catch([]),
    moves: z.array(Move).catch([]),
    old_text: said,
    link_to: said,
    glob: said,
    pattern: said,
    command: said,
    summary: said,
  })
  .catch({
    ...{ path: "", from: "", to: "", paths: [], moves: [], old_text: "", link_to: "" },
    ...{ glob: "", pattern: "", command: "", summary: "" },
  });

/** What a call does, in a few words of the past: the names are those of the agent's tools. */
export function callWords({ name, input }: ContentBlock): string {
  const { path, from, to, paths, moves, old_text, link_to, glob, pattern, command, summary } = Input.parse(input);
  const move = moves[0] ?? { from, to };
  const WORDS: Record<string, string> = {
    list_files: glob ? `Listed ${glob}` : "Listed files",
    search: `Searched for ${pattern}`,
    read_file: `Read ${path}`,
    edit_file: `Edited ${path}`,
    replace_in_files: `Replaced ${firstLine(old_text)} everywhere${glob ? ` in ${glob}` : ""}`,
    write_file: link_to ? `Made ${path} a link to ${link_to}` : `Wrote ${path}`,
    delete_file: `Deleted ${paths[0] ?? path}${andMore(paths.length)}`,
    move_file: `Moved ${move.from} to ${move.to}${andMore(moves.length)}`,
    run_command: `Ran ${firstLine(command)}`,
    report_verdict: `Reported: ${summary}`,
  };
  return WORDS[String(name)] ?? `Called ${name}`;
}

/** What a person asked for stands between marks in what the model is told; the rest is for the technical view. */
const taskIn = (text: string) => /<task>\n([\s\S]*?)\n<\/task>/.exec(text)?.[1] ?? text;

/** Why it failed, else nothing: answers are for the technical view. */
const trouble = (result: ContentBlock | undefined) =>
  result?.is_error === true ? `: failed, ${firstLine(resultText(result))}` : "";

/** What it did and why: its own words, then a line a call. */
export function simpleTurn(turn: ShownTurn, next: ShownTurn | undefined, room: SimpleRoom): types.RichTextBlock {
  // A model may think a sentence and then say it.
  const words = [...new Set(turn.answered.map((block) => textOf(block).trim()))].filter((text) => text !== "");
  const told = turn.asked.filter(({ type }) => type === "text").map((block) => taskIn(textOf(block)));
  const calls = callsWithResults(turn, next);
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
              ...calls
                .slice(0, room.calls)
                .map(({ call, result }) => section([literal(clip(`${callWords(call)}${trouble(result)}`, MAX_CALL))])),
              ...(more > 0 ? [section([literal(`and ${more} more`)])] : []),
            ],
          },
        ]
      : []),
  );
}
