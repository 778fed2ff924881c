import { decodeBinaryHunk } from "./binary-hunk.ts";
import { type Lines, linesOf } from "./patch-lines.ts";

/** Added lines of one file, without the `+`. `lines[i]` is the number in the new file of line i of `text`. */
export type AddedContent = { path: string; text: string; lines: number[] };

/** A file that adds more comes in several pieces, which overlap, so that a secret lies in one of them. */
const PIECE_CHARS = 512 * 1024;
const OVERLAP_CHARS = 16 * 1024;

type Added = { path: string; added: string[]; numbers: number[]; chars: number; told: boolean };

/**
 * Reads `git diff --binary --full-index` (any prefix) line by line. Removed and unchanged lines are no part of it. Each
 * file comes at least once, and no more than a piece of one is held at a time.
 */
export function* addedContent(patch: Uint8Array): Generator<AddedContent> {
  const lines = linesOf(patch);
  let file: Added | undefined;
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (line.startsWith("diff --git ")) {
      if (file) yield* restOf(file);
      file = { path: pathOf(line.slice(11)), added: [], numbers: [], chars: 0, told: false };
    } else if (line.startsWith("+++ ") && !line.startsWith("+++ /dev/null")) {
      if (file) file.path = withoutPrefix(line.slice(4));
    } else if (line.startsWith("rename to ")) {
      if (file) file.path = unquoted(line.slice(10));
    } else if (line === "GIT binary patch") {
      const content = decodeBinaryHunk(lines);
      if (file) yield* added(file, content, 0);
    } else if (hunk) yield* readHunk(lines, hunk, file);
  }
  if (file) yield* restOf(file);
}

/** By the counts of its header, so that content which looks like a header is content. */
function* readHunk(lines: Lines, header: RegExpExecArray, file: Added | undefined): Generator<AddedContent> {
  let [removed, number, left] = [Number(header[1] ?? 1), Number(header[2]), Number(header[3] ?? 1)];
  while (removed > 0 || left > 0) {
    const line = lines.next();
    if (line === undefined) return;
    if (line.startsWith("\\")) continue;
    if (line.startsWith("-")) removed--;
    else {
      if (!line.startsWith("+")) removed--;
      else if (file) yield* added(file, line.slice(1), number);
      number++;
      left--;
    }
  }
}

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

/** `a/x b/x`, of which only the second half is wanted; quoted when a name has odd characters. */
function pathOf(names: string): string {
  const quoted = /"((?:[^"\\]|\\.)*)"$/.exec(names);
  return quoted ? withoutPrefix(quoted[0]) : withoutPrefix(names.slice(Math.ceil(names.length / 2)));
}

const withoutPrefix = (name: string) => unquoted(name.replace(/\t$/, "")).replace(/^[a-z]\//, "");

/** git writes the bytes of a name in octal. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name;
  const bytes = name.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, code: string) => unescaped(code));
  return /[^\0-\xff]/.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

const unescaped = (code: string) =>
  /^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : ({ n: "\n", t: "\t" }[code] ?? code);
