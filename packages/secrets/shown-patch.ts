import type { Redactor } from "./redact.ts";

const PIECE_LINES = 10_000;

/**
 * A patch as a page may show it; what is stored and published stays as it is. Redacting keeps lines lines, and the mark
 * at the beginning of each is put back, so that the result is read as the same hunks.
 */
export async function shownPatch(patch: Uint8Array, { redact }: Redactor): Promise<Uint8Array> {
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(patch).split("\n");
  let changed = false;
  for (let start = 0; start < lines.length; start += PIECE_LINES) {
    const piece = lines.slice(start, start + PIECE_LINES);
    const text = piece.join("\n");
    const shown = await redact(text);
    if (shown === text) continue;
    changed = true;
    for (const [i, line] of shown.split("\n").entries()) {
      const mark = piece[i]!.charAt(0);
      if (line !== piece[i]) lines[start + i] = line.startsWith(mark) ? line : mark + line;
    }
  }
  return changed ? Buffer.from(lines.join("\n")) : patch;
}
