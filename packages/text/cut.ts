import { betweenCodePoints, boundaryAfter, boundaryBefore } from "./boundary.ts";

/** The one way to shorten text. Lengths are UTF-16 units and never exceeded; cuts lie between characters. */
export const head = (text: string, max: number) =>
  text.length <= max ? text : text.slice(0, boundaryBefore(text, max));

export const tail = (text: string, max: number) =>
  text.length <= max ? text : text.slice(boundaryAfter(text, text.length - Math.max(0, max)));

/** The beginning, with an ellipsis in place of what was cut. */
export const clip = (text: string, max: number) =>
  text.length <= max || max <= 0 ? head(text, max) : `${head(text, max - 1)}…`;

/** The end, with an ellipsis in place of what was cut. */
export const clipStart = (text: string, max: number) =>
  text.length <= max || max <= 0 ? tail(text, max) : `…${tail(text, max - 1)}`;

/** What stands in `[from, to)`, widened to whole characters: columns of a line, for one. */
export const part = (text: string, from: number, to: number) =>
  text.slice(boundaryBefore(text, from), boundaryAfter(text, to));

/** Beginning and end are what matters of a long output; `marker` says how many characters are missing between them. */
export function headAndTail(text: string, max: number, marker: (left: number) => string = leftOut): string {
  if (text.length <= max) return text;
  const room = max - marker(text.length).length;
  if (room <= 0) return head(text, max);
  const [first, last] = [head(text, Math.ceil(room / 2)), tail(text, Math.floor(room / 2))];
  return `${first}${marker(text.length - first.length - last.length)}${last}`;
}

const leftOut = (left: number) => `\n[... ${left.toLocaleString("en")} characters left out ...]\n`;

/**
 * The range of `text` to show, at most `max` units, with `[from, to)` in its middle; its beginning when that alone is too
 * long. Whole characters.
 */
export function around(text: string, from: number, to: number, max: number): { start: number; end: number } {
  const before = Math.max(0, Math.floor((max - (to - from)) / 2));
  const wanted = Math.max(0, Math.min(from - before, text.length - max));
  const start = Math.min(boundaryAfter(text, wanted), boundaryBefore(text, from));
  return { start, end: boundaryBefore(text, start + max) };
}

/**
 * Splits into pieces of at most `max` units that joined give the text again; at a line end where one lies in the second
 * half of a piece, else at a space, else between characters.
 */
export function pieces(text: string, max: number): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const end = endOfPiece(rest, max);
    found.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return rest === "" ? found : [...found, rest];
}

function endOfPiece(text: string, max: number): number {
  const piece = text.slice(0, max);
  const line = piece.lastIndexOf("\n") + 1;
  if (line > max / 2) return line;
  const space = piece.search(/\s\S*$/) + 1;
  if (space > max / 2) return boundaryBefore(text, space) || space;
  return boundaryBefore(text, max) || betweenCodePoints(text, max) || 2;
}
