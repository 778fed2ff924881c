import { hasLoneReturns } from "../../encoding/lines.ts";
import { hasOpaque } from "../../encoding/opaque.ts";
import { possibleEncodings, type TextFile } from "../../encoding/text-file.ts";
import { listed } from "../../text/lists.ts";
import { MAX_ENCODINGS_NAMED } from "./edit/apply-edit.ts";

const MAX_LINES_NAMED = 10;

/** What numbered lines cannot show: line ends, encoding, and that a file only stands for another one. */
export function notesOn(file: TextFile): string[] {
  return [...lineEndNotes(file.text), ...encodingNotes(file), ...pointerNotes(file.text)];
}

function lineEndNotes(text: string): string[] {
  if (!text.includes("\r")) return [];
  if (hasLoneReturns(text)) return ["Lines end in CR alone; edit_file keeps them."];
  const ends = text.match(/\r?\n/g) ?? [];
  const crlf = ends.flatMap((end, i) => (end === "\r\n" ? [i + 1] : []));
  if (crlf.length === 0) return [];
  if (crlf.length === ends.length) return ["Lines end in CRLF; edit_file keeps them."];
  const lf = ends.flatMap((end, i) => (end === "\n" ? [i + 1] : []));
  const [few, name, other] = crlf.length <= lf.length ? [crlf, "CRLF", "LF"] : [lf, "LF", "CRLF"];
  const named =
    few.length > MAX_LINES_NAMED
      ? `${few.length} lines end`
      : few.length === 1
        ? `Line ${few[0]} ends`
        : `Lines ${listed(few.map(String))} end`;
  return [`${named} in ${name}, the others in ${other}; edit_file keeps the line ends of the place.`];
}

function encodingNotes({ encoding, bytes, text }: TextFile): string[] {
  const mark = encoding.mark ? " with a byte order mark" : "";
  if (encoding.name === "unknown") {
    const could = possibleEncodings(bytes)
      .slice(0, MAX_ENCODINGS_NAMED)
      .map((name) => `"${name}"`);
    return [
      `Not UTF-8, and it does not say what it is: bytes above 127 are shown as \\xNN, which old_text can hold too. If you know its encoding, read it with encoding ${listed(could, "or")}.`,
    ];
  }
  if (encoding.name !== "utf-8") return [`The file is ${encoding.name}${mark}; edits are written in it.`];
  return [
    ...(encoding.mark ? ["It begins with a byte order mark, which edits keep."] : []),
    ...(hasOpaque(text)
      ? ["Bytes that are not UTF-8 are shown as \\xNN; they stay as they are, and old_text can hold them so."]
      : []),
  ];
}

const pointerNotes = (text: string) =>
  text.startsWith("version https://git-lfs.github.com/spec/") && text.length < 1_024
    ? ["This is a Git LFS pointer: the file's content is not in this clone."]
    : [];
