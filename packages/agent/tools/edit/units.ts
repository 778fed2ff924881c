import { looks } from "../../../text/hidden.ts";

/** A piece of a text that is compared as one: a line end of any kind, a letter with its accents, else a character. */
export type Unit = { key: string; from: number; to: number };

/** How much two texts may differ and still be the same: in line ends only, or also in what cannot be seen. */
export type Closeness = "line ends" | "look";

const BY_LINE_ENDS = /\r\n|[\s\S]/gu;
const BY_LOOK = /\r\n|\P{M}\p{M}+|[\s\S]/gu;

/** Units without a key (a zero-width space) are left out: they belong to what stands before them. */
export function unitsOf(text: string, closeness: Closeness, loneReturns: boolean): Unit[] {
  const units: Unit[] = [];
  for (const { 0: piece, index } of text.matchAll(closeness === "look" ? BY_LOOK : BY_LINE_ENDS)) {
    const key = keyOf(piece, closeness, loneReturns);
    if (key !== "") units.push({ key, from: index, to: index + piece.length });
  }
  return units;
}

function keyOf(piece: string, closeness: Closeness, loneReturns: boolean): string {
  if (piece === "\r\n" || (loneReturns && piece === "\r")) return "\n";
  if (closeness === "line ends" || /^[\0-\x7f]$/.test(piece)) return piece;
  return looks(piece);
}
