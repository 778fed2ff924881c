import { around, head } from "../../text/cut.ts";
import { cutLine } from "./text.ts";

const CONTEXT = 2;
const GOOD_ENOUGH = 0.5;
/** Longer ones are not compared as a whole. */
const MAX_LINE_CHARS = 500;

/** The place in a file that looks most like a text that was not found, as numbered lines; undefined when nothing does. */
export function nearestLines(content: string, wanted: string): string | undefined {
  const target = wanted
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "");
  if (!target) return undefined;
  const lines = content.replace(/\n$/, "").split("\n").slice(0, 20_000);
  const targetPairs = pairs(target);
  let best = { at: -1, score: GOOD_ENOUGH };
  for (const [at, line] of lines.entries()) {
    const score = likeness(targetPairs, pairs(head(line.trim(), 500)));
    if (score > best.score) best = { at, score };
  }
  if (best.at === -1) return undefined;
  const from = Math.max(0, best.at - CONTEXT);
  return lines
    .slice(from, best.at + CONTEXT + wanted.split("\n").length)
    .map((line, i) => `${String(from + i + 1).padStart(5)}\t${cutLine(line.replace(/\r$/, ""), 300)}`)
    .join("\n");
}

const LEAST_CHARS = 12;
const MAX_CHARS = 300;

/**
 * In a long line: where the longest beginning of a text stands that is there at all, with what stands around it. A
 * wrong end is what such texts have.
 */
export function nearestStart(content: string, wanted: string): string | undefined {
  let [least, most] = [0, Math.min(wanted.length, MAX_CHARS)];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (content.includes(wanted.slice(0, middle))) least = middle;
    else most = middle - 1;
  }
  if (least < LEAST_CHARS) return undefined;
  const at = content.indexOf(wanted.slice(0, least));
  const start = content.lastIndexOf("\n", at - 1) + 1;
  const next = content.indexOf("\n", at);
  const line = content.slice(start, next === -1 ? content.length : next);
  if (line.length <= MAX_LINE_CHARS) return undefined;
  const shown = around(line, at - start, at - start + least, MAX_CHARS);
  const number = content.slice(0, start).split("\n").length;
  return `${String(number).padStart(5)}\t[from column ${(shown.start + 1).toLocaleString("en")}] ${cutLine(line.slice(shown.start, shown.end))}`;
}

const pairs = (text: string) =>
  new Set(Array.from({ length: Math.max(1, text.length - 1) }, (_, i) => text.slice(i, i + 2)));

/** Dice's coefficient over pairs of characters: cheap, and kind to a wrong indentation or one wrong word. */
function likeness(a: Set<string>, b: Set<string>): number {
  let shared = 0;
  for (const pair of b) if (a.has(pair)) shared++;
  return (2 * shared) / (a.size + b.size);
}
