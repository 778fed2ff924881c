import { hasLoneReturns } from "../../../encoding/lines.ts";
import type { Edit } from "../../../encoding/text-file.ts";
import type { Found, TextRange } from "./find-text.ts";
import { unitsOf } from "./units.ts";

/** A longer place (a whole file that is written over) is replaced as it is: units take a hundred bytes a character. */
const MAX_COMPARED_CHARS = 1_000_000;

/**
 * What really changes at each place: the beginning and the end that old and new text have in common keep the file's own
 * characters, and new lines end as the lines at that place do. Places come in order.
 */
export function replacementsAt(
  text: string,
  places: readonly TextRange[],
  { newText, closeness }: Pick<Found, "newText" | "closeness">,
): Edit[] {
  const loneReturns = hasLoneReturns(text);
  const lineEndsAt = createLineEnds(text, loneReturns);
  const now = unitsOf(newText, closeness, loneReturns);
  const fitted = (added: string, range: TextRange, place: TextRange): Edit => ({
    ...range,
    text: added.includes("\n") ? withLineEnds(added, lineEndsAt(range, place)) : added,
  });
  return places.map((place) => {
    const here = text.slice(place.from, place.to);
    if (here.length > MAX_COMPARED_CHARS) return fitted(newText, place, place);
    const old = unitsOf(here, closeness, loneReturns);
    const least = Math.min(old.length, now.length);
    let before = 0;
    while (before < least && old[before]!.key === now[before]!.key) before++;
    let after = 0;
    while (after < least - before && old.at(-1 - after)!.key === now.at(-1 - after)!.key) after++;
    const from = old[before]?.from ?? here.length;
    const to = before === old.length - after ? from : old[old.length - after - 1]!.to;
    const added = newText.slice(now[before]?.from ?? newText.length, now[now.length - after]?.from ?? newText.length);
    return fitted(added, { from: place.from + from, to: place.from + to }, place);
  });
}

/**
 * Those that are replaced, else the last one in the place, the next one after it, the last one before it; none in a
 * single line. A file may be one long line with thousands of places, so what lies far away is looked up once.
 */
function createLineEnds(text: string, loneReturns: boolean) {
  const mark = loneReturns ? "\r" : "\n";
  const within = ({ from, to }: TextRange): string[] =>
    text.slice(from, to).match(loneReturns ? /\r/g : /\r?\n/g) ?? [];
  const endAt = (at: number) => (mark === "\n" && text[at - 1] === "\r" ? "\r\n" : mark);
  const last = text.lastIndexOf(mark);
  let next = -1;
  return (range: TextRange, place: TextRange): string[] => {
    if (last === -1) return [];
    const replaced = within(range);
    if (replaced.length > 0) return replaced;
    if (next < place.to) next = last < place.to ? last : text.indexOf(mark, place.to);
    return [within(place).at(-1) ?? endAt(next)];
  };
}

/** The first new line end is like the first one here, and so on; the last one here stands for all that follow. */
export function withLineEnds(text: string, lineEnds: readonly string[]): string {
  if (lineEnds.length === 0) return text;
  let at = 0;
  return text.replace(/\r?\n/g, () => lineEnds[Math.min(at++, lineEnds.length - 1)]!);
}
