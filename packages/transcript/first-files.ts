import { endOfWholeFiles, fileStarts, patchBytes } from "../diff/file-starts.ts";
import { countHidden } from "../text/hidden.ts";

/** More than the lines that a page shows take (diff-view.ts); a patch may have 50 MB. */
const MAX_SHOWN_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

/** What of a patch is not on the page: so many files, with so many characters that are not seen. */
export type RestOfPatch = { files: number; hidden: number };

/** The files of a patch that a page can show, whole, and what stands behind them. None, when the first alone is too large. */
export function firstFiles(patch: Uint8Array, maxBytes = MAX_SHOWN_BYTES): { patch: Uint8Array; rest?: RestOfPatch } {
  if (patch.length <= maxBytes) return { patch };
  const bytes = patchBytes(patch);
  const end = endOfWholeFiles(bytes, maxBytes);
  const files = [...fileStarts(bytes, end)].length;
  return { patch: bytes.subarray(0, end), rest: { files, hidden: hiddenIn(bytes.subarray(end)) } };
}

/** How many characters of it are not seen. Piece by piece, each with whole lines. */
export function hiddenIn(patch: Uint8Array): number {
  const bytes = patchBytes(patch);
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
