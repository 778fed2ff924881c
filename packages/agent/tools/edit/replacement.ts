import { hasLoneReturns } from "../../../encoding/lines.ts";
import type { Edit } from "../../../encoding/text-file.ts";
import type { Found, Range } from "./find-text.ts";
import { unitsOf } from "./units.ts";

/**
 * What really changes at a place: the beginning and the end that old and new text have in common keep the file's own
 * characters, and new lines end as the lines at that place do.
 */
export function replacementAt(text: string, place: Range, { newText, closeness }: Found): Edit {
  const loneReturns = hasLoneReturns(text);
  const here = text.slice(place.from, place.to);
  const old = unitsOf(here, closeness, loneReturns);
  const now = unitsOf(newText, closeness, loneReturns);
  const least = Math.min(old.length, now.length);
  let before = 0;
  while (before < least && old[before]!.key === now[before]!.key) before++;
  let after = 0;
  while (after < least - before && old.at(-1 - after)!.key === now.at(-1 - after)!.key) after++;
  const from = old[before]?.from ?? here.length;
  const to = before === old.length - after ? from : old[old.length - after - 1]!.to;
  const added = newText.slice(now[before]?.from ?? newText.length, now[now.length - after]?.from ?? newText.length);
  const range = { from: place.from + from, to: place.from + to };
  return { ...range, text: withLineEnds(added, lineEndsAt(text, range, place)) };
}

/** Those that are replaced, else the last one in the place, the next one after it, the last one before it; none in a single line. */
function lineEndsAt(text: string, range: Range, place: Range): string[] {
  const within = lineEndsIn(text, range.from, range.to);
  if (within.length > 0) return within;
  const end = text.indexOf(hasLoneReturns(text) ? "\r" : "\n", place.to);
  const near =
    lineEndsIn(text, place.from, place.to).at(-1) ??
    (end === -1 ? undefined : lineEndsIn(text, end - 1, end + 1).at(-1)) ??
    lineEndsIn(text, 0, place.from).at(-1);
  return near === undefined ? [] : [near];
}

const lineEndsIn = (text: string, from: number, to: number): string[] =>
  text.slice(Math.max(0, from), to).match(hasLoneReturns(text) ? /\r/g : /\r?\n/g) ?? [];

/** The first new line end is like the first one here, and so on; the last one here stands for all that follow. */
export function withLineEnds(text: string, lineEnds: readonly string[]): string {
  if (lineEnds.length === 0) return text;
  let at = 0;
  return text.replace(/\r?\n/g, () => lineEnds[Math.min(at++, lineEnds.length - 1)]!);
}
