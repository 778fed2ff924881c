import type { types } from "@slack/bolt";
import { blockText, callsWithAnswers, isTold } from "../../conversation/calls.ts";
import type { Exchange } from "../../conversation/exchanges.ts";
import { clip } from "../../text/cut.ts";
import { duration } from "../../text/duration.ts";
import { exactDollars } from "../../text/money.ts";
import { literal, richText, section } from "../text.ts";
import { preformatted } from "./blocks.ts";

export type TechnicalRoom = { text: number; calls: number; input: number; result: number };
export const TECHNICAL_ROOMS: readonly [TechnicalRoom, ...TechnicalRoom[]] = [
  { text: 2_000, calls: 12, input: 1_500, result: 2_500 },
  { text: 1_000, calls: 8, input: 500, result: 700 },
  { text: 300, calls: 5, input: 150, result: 200 },
];

const count = (tokens: number) => tokens.toLocaleString("en");

/** "12:04:05 · 3 s · in 12, cached 9,000, written 300, out 250 · $0.01 · tool_use" */
function measures({ requestedAt, answeredAt, usage, facts }: Exchange): string {
  return [
    `${requestedAt.slice(11, 19)} UTC`,
    duration(Date.parse(answeredAt) - Date.parse(requestedAt)),
    ...(usage
      ? [
          `tokens in ${count(usage.input)}, from cache ${count(usage.cacheRead)}, ` +
            `to cache ${count(usage.cacheWrite5m + usage.cacheWrite1h)}, out ${count(usage.output)}`,
        ]
      : []),
    ...(facts
      ? [exactDollars(facts.costUsd), `stopped for ${facts.stopReason}`, `attempt ${facts.attempt}`, facts.model]
      : []),
  ].join(" · ");
}

const part = (title: string, text: string, max: number): types.RichTextBlockElement[] =>
  text.trim() === "" ? [] : [section([literal(title, { bold: true })]), ...preformatted(text, max)];

/** A whole turn: what was told, what it thought and said, every call with its input and what came back, and its price. */
export function technicalTurn(turn: Exchange, next: Exchange | undefined, room: TechnicalRoom): types.RichTextBlock {
  const calls = callsWithAnswers(turn, next);
  const told = turn.asked.filter(isTold).map(blockText);
  return richText(
    section([literal(`Turn ${turn.turn}`, { bold: true }), literal(`\n${clip(measures(turn), 500)}`)]),
    ...told.flatMap((text) => part("To the model", text, room.text)).slice(0, 6),
    ...turn.answered
      .filter(({ type }) => type === "text" || type === "thinking")
      .flatMap((block) => part(block.type === "thinking" ? "Thinking" : "Answer", blockText(block), room.text))
      .slice(0, 12),
    ...calls
      .slice(0, room.calls)
      .flatMap(({ name, input, result }) => [
        ...part(`Called ${clip(name, 100)}`, JSON.stringify(input, null, 1), room.input),
        ...(result ? part(result.isError ? "It failed" : "It answered", result.text || "(nothing)", room.result) : []),
      ]),
    ...(calls.length > room.calls ? [section([literal(`and ${calls.length - room.calls} more calls`)])] : []),
  );
}
