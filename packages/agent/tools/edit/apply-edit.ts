import {
  encode,
  encodingNamed,
  possibleEncodings,
  splice,
  type TextFile,
  textFileOf,
} from "../../../encoding/text-file.ts";
import { unescaped } from "../../../encoding/visible.ts";
import { listed } from "../../../text/lists.ts";
import { nearestLines, nearestStart } from "../nearest-lines.ts";
import { refuse, showName } from "../text.ts";
import { type Found, findText, type TextRange } from "./find-text.ts";
import { replacementsAt } from "./replacement.ts";

/** More would be noise; the likeliest come first. */
export const MAX_ENCODINGS_NAMED = 6;

export type WantedEdit = { old_text: string; new_text: string; replace_all?: boolean | undefined };
export type Edited = { file: TextFile; lines: number[]; notes: string[] };

/**
 * The file after one edit, at the places that count; undefined when there is none. Refuses with a sentence for the model;
 * nothing is written here.
 */
export function applyEdit(
  path: string,
  file: TextFile,
  wanted: WantedEdit,
  counts: (text: string, place: TextRange) => boolean = () => true,
): Edited | undefined {
  const { old_text, new_text, replace_all = false } = wanted;
  if (old_text === "") refuse("old_text is empty. Give the text to replace, or use write_file for a new file.");
  if (old_text === new_text)
    refuse("old_text and new_text are the same, so nothing would change. Give the text as it should be in new_text.");
  if (!old_text.isWellFormed() || !new_text.isWellFormed())
    refuse("The text holds half of a surrogate pair, which no file can. Send whole characters.");
  const { file: read, found } = inSomeEncoding(file, old_text, new_text);
  if (found.ranges.length > 1 && !replace_all) refuse(notUnique(path, read.text, found));
  const ranges = found.ranges.filter((range) => counts(read.text, range));
  if (ranges.length === 0) return undefined;
  const edits = replacementsAt(read.text, apart(ranges), found);
  const done = splice(read, edits);
  if (!done) return refuse(notInEncoding(path, read, edits.map(({ text }) => text).join("")));
  const lines = linesAt(
    read.text,
    edits.map(({ from }) => from),
  );
  return { file: done, lines, notes: notesOn(read, found) };
}

function notesOn({ encoding }: TextFile, { closeness, oldText, newText }: Found): string[] {
  const escapes = encoding.name === "unknown" && unescaped(newText) !== undefined && unescaped(oldText) === undefined;
  return [
    ...(closeness === "look"
      ? ["It is the same to the eye only: the file has other spaces, accents or unseen characters"]
      : []),
    ...(escapes ? ["What looks like an escape in new_text was written as it stands, because old_text has none"] : []),
  ];
}

/** Letters that are found where the bytes are read in a legacy encoding say which one it is. */
function inSomeEncoding(file: TextFile, oldText: string, newText: string): { file: TextFile; found: Found } {
  const found = findText(file.text, oldText, newText);
  if (found.ranges.length > 0 || file.encoding.name !== "unknown") return { file, found };
  for (const name of possibleEncodings(file.bytes)) {
    if (!encode(oldText, { name, mark: false })) continue;
    const other = textFileOf(file.bytes, { name, mark: false });
    const there = other && findText(other.text, oldText, newText);
    if (there && there.ranges.length > 0) return { file: other, found: there };
  }
  return { file, found };
}

/** Places that overlap cannot all be replaced: the first one is. */
function apart(ranges: Found["ranges"]): Found["ranges"] {
  let end = 0;
  return ranges.filter(({ from, to }) => {
    if (from < end) return false;
    end = to;
    return true;
  });
}

function notUnique(path: string, text: string, { ranges }: Found): string {
  const lines = linesAt(
    text,
    ranges.slice(0, 10).map(({ from }) => from),
  );
  return `old_text occurs ${ranges.length} times in ${showName(path)}, at lines ${lines.join(", ")}. Add lines around it until it is unique, or set replace_all.`;
}

/** `text` without its secrets: what is shown of it is cut. */
export function notThere(path: string, text: string, oldText: string): string {
  const near = nearestStart(text, oldText) ?? nearestLines(text, oldText);
  return `old_text is not in ${showName(path)}; nothing was changed. ${near ? `The nearest lines are:\n${near}\nCopy` : "Read the file, then copy"} the text exactly, with its indentation and without line numbers.`;
}

export function notInEncoding(
  path: string,
  { encoding, bytes }: Pick<TextFile, "encoding" | "bytes">,
  text: string,
): string {
  const first = [...text].find((char) => encode(char, encoding) === undefined) ?? "";
  if (encoding.name !== "unknown")
    return `${showName(path)} is in ${encoding.name}, which has no ${first}; nothing was changed. Write it with characters of that encoding, or as an escape of the language.`;
  const could = possibleEncodings(bytes)
    .slice(0, MAX_ENCODINGS_NAMED)
    .map((name) => `"${name}"`);
  return `${showName(path)} is not UTF-8 and does not say what it is, so ${first} cannot be written into it; nothing was changed. Write it in ASCII, or pass its encoding if you know it: ${listed(could, "or")}.`;
}

/** Lines count from 1. Offsets come in order. */
function linesAt(text: string, offsets: readonly number[]): number[] {
  const endAfter = (at: number) => {
    const end = text.indexOf("\n", at);
    return end === -1 ? text.length : end;
  };
  let [line, end] = [1, endAfter(0)];
  return offsets.map((offset) => {
    for (; end < offset; line++) end = endAfter(end + 1);
    return line;
  });
}

/** The encoding that a call names; refused when these bytes are something else. */
export function textFileAs(path: string, bytes: Uint8Array, named: string | undefined): TextFile | undefined {
  if (named === undefined) return textFileOf(bytes);
  const encoding = encodingNamed(named, bytes);
  if (!encoding)
    return refuse(
      `${named} is no encoding that can be read and written here. Use utf-8, utf-16le, utf-16be, or one such as windows-1252, shift_jis, gb18030, big5, euc-kr.`,
    );
  return (
    textFileOf(bytes, encoding) ??
    refuse(`${showName(path)} is not ${encoding.name}. Leave encoding out to see its bytes.`)
  );
}
