import { countHidden } from "../text/hidden.ts";

/** More than the lines that a page shows take (diff-view.ts); a patch may have 50 MB. */
const MAX_SHOWN_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

/** What of a patch is not on the page: so many files, with so many characters that are not seen. */
export type RestOfPatch = { files: number; hidden: number };

/** Only a header begins a line like this: every line of content has a mark before it. */
const START = Buffer.from("\ndiff --git ");

/** The files of a patch that a page can show, whole, and what stands behind them. None, when the first alone is too large. */
export function firstFiles(patch: Uint8Array, maxBytes = MAX_SHOWN_BYTES): { patch: Uint8Array; rest?: RestOfPatch } {
  if (patch.length <= maxBytes) return { patch };
  const bytes = Buffer.from(patch.buffer, patch.byteOffset, patch.length);
  const last = bytes.lastIndexOf(START, maxBytes);
  const end = last === -1 ? 0 : last + 1;
  let files = 1;
  for (let at = bytes.indexOf(START, end); at !== -1; at = bytes.indexOf(START, at + 1)) files += 1;
  return { patch: bytes.subarray(0, end), rest: { files, hidden: hiddenIn(bytes.subarray(end)) } };
}

/** Piece by piece, each with whole lines. */
function hiddenIn(bytes: Buffer): number {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(10, at + PIECE_BYTES);
    const end = lineEnd === -1 ? bytes.length : lineEnd + 1;
    count += countHidden(decoder.decode(bytes.subarray(at, end)).replaceAll("\r\n", "\n"));
    at = end;
  }
  return count;
}
