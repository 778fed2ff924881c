import { hasLoneReturns } from "../../../encoding/lines.ts";
import { unescaped } from "../../../encoding/visible.ts";
import { type Closeness, unitsOf } from "./units.ts";

export type TextRange = { from: number; to: number };

/** Where a text stands, and the two texts as they are meant: a view shows some characters as escapes. */
export type Found = { ranges: TextRange[]; oldText: string; newText: string; closeness: Closeness };

/** Larger texts are not compared by look: that takes memory for every character. */
const MAX_CHARS_BY_LOOK = 4_000_000;

/**
 * Every place of `oldText`, also where two of them overlap: as it stands but for line ends, which no view shows; as the
 * escapes that a view shows; at the end of a file without a last line end; last by look alone.
 */
export function findText(text: string, oldText: string, newText: string): Found {
  const plain = unescaped(oldText);
  const meant = [
    { oldText, newText },
    ...(plain === undefined ? [] : [{ oldText: plain, newText: unescaped(newText) ?? newText }]),
  ];
  for (const texts of meant) {
    const ranges = places(text, texts.oldText);
    if (ranges.length > 0) return { ...texts, ranges, closeness: "line ends" };
  }
  for (const texts of meant) {
    const last = atTheEnd(text, texts);
    if (last) return last;
  }
  for (const texts of meant) {
    const ranges = text.length > MAX_CHARS_BY_LOOK ? [] : placesByLook(text, texts.oldText);
    if (ranges.length > 0) return { ...texts, ranges, closeness: "look" };
  }
  return { oldText, newText, ranges: [], closeness: "line ends" };
}

function places(text: string, oldText: string): TextRange[] {
  if (oldText.includes("\r")) {
    const exact = literally(text, oldText);
    if (exact.length > 0) return exact;
  }
  const wanted = oldText.replace(/\r\n?/g, "\n");
  if (!text.includes("\r") || !wanted.includes("\n")) return literally(text, wanted);
  const lineEnd = hasLoneReturns(text) ? "\\r" : "\\r?\\n";
  const expression = new RegExp(wanted.split("\n").map(literal).join(lineEnd), "g");
  const found: TextRange[] = [];
  for (let match = expression.exec(text); match; match = expression.exec(text)) {
    found.push({ from: match.index, to: match.index + match[0].length });
    // "\r?" must not find the same line end a second time.
    expression.lastIndex = match.index + (match[0].startsWith("\r\n") ? 2 : 1);
  }
  return found;
}

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

function literally(text: string, part: string): TextRange[] {
  const found: TextRange[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1))
    found.push({ from: at, to: at + part.length });
  return found;
}

/** The last line as a model sees it, with a line end that the file lacks. */
function atTheEnd(text: string, { oldText, newText }: { oldText: string; newText: string }): Found | undefined {
  const withoutEnd = (one: string) => one.replace(/\r?\n$/, "");
  const shorter = withoutEnd(oldText);
  if (shorter === oldText || shorter === "") return undefined;
  const last = places(text, shorter).at(-1);
  if (last?.to !== text.length) return undefined;
  return { ranges: [last], oldText: shorter, newText: withoutEnd(newText), closeness: "line ends" };
}

function placesByLook(text: string, oldText: string): TextRange[] {
  const loneReturns = hasLoneReturns(text);
  const wanted = unitsOf(oldText, "look", loneReturns);
  if (wanted.length === 0) return [];
  const units = unitsOf(text, "look", loneReturns);
  const first = wanted[0]!.key;
  return units.flatMap(({ key, from }, at) => {
    if (key !== first || !wanted.every((unit, i) => units[at + i]?.key === unit.key)) return [];
    return [{ from, to: units[at + wanted.length - 1]!.to }];
  });
}
