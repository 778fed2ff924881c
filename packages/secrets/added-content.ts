import { readPatch } from "../diff/read-patch.ts";
import { decodeBinaryHunk } from "./binary-hunk.ts";

/** Added lines of one file, without the `+`. `lines[i]` is the number in the new file of line i of `text`. */
export type AddedContent = { path: string; text: string; lines: number[] };

/** A file that adds more comes in several pieces, which overlap, so that a secret lies in one of them. */
const PIECE_CHARS = 512 * 1024;
const OVERLAP_CHARS = 16 * 1024;

type Added = { path: string; added: string[]; numbers: number[]; chars: number; told: boolean };

/**
 * What a patch adds, file by file: each comes at least once, and no more than a piece of one is held at a time. Removed
 * and unchanged lines are no part of it; what the reader of patches does not understand is, so that nothing hides there.
 */
export function* addedContent(patch: Uint8Array): Generator<AddedContent> {
  let file: Added | undefined;
  for (const part of readPatch(patch)) {
    if (part.kind === "file") {
      if (file) yield* restOf(file);
      file = fresh(part.head.path);
    } else if (part.kind === "added") yield* added(file!, part.text, part.newNumber);
    else if (part.kind === "binary") yield* added(file!, decodeBinaryHunk(part.lines), 0);
    else if (part.kind === "unread") {
      file ??= fresh("");
      for (let line = part.lines.next(); line !== undefined; line = part.lines.next()) yield* added(file, line, 0);
    }
  }
  if (file) yield* restOf(file);
}

const fresh = (path: string): Added => ({ path, added: [], numbers: [], chars: 0, told: false });

/** A line longer than a piece comes in several, too. */
function* added(file: Added, line: string, number: number): Generator<AddedContent> {
  for (let at = 0; at === 0 || at + OVERLAP_CHARS < line.length; at += PIECE_CHARS - OVERLAP_CHARS) {
    const text = line.slice(at, at + PIECE_CHARS);
    file.added.push(text);
    file.numbers.push(number);
    file.chars += text.length + 1;
    if (file.chars > PIECE_CHARS) yield pieceOf(file);
  }
}

function pieceOf(file: Added): AddedContent {
  const piece = { path: file.path, text: file.added.join("\n"), lines: file.numbers };
  let again = file.added.length;
  for (let chars = 0; again > 0; again--) {
    chars += file.added[again - 1]!.length + 1;
    if (chars > OVERLAP_CHARS) break;
  }
  file.told = true;
  file.added = file.added.slice(again);
  file.numbers = file.numbers.slice(again);
  file.chars = 0;
  return piece;
}

function* restOf(file: Added) {
  if (file.chars > 0 || !file.told) yield pieceOf(file);
}
