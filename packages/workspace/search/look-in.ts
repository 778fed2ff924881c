import { isAscii, isUtf8 } from "node:buffer";
import { hasLoneReturns } from "../../encoding/lines.ts";
import { asBuffer, encodeUtf8 } from "../../encoding/opaque.ts";
import { encode, encodingOf, possibleEncodings, textFileOf } from "../../encoding/text-file.ts";
import { encodeUtf16 } from "../../encoding/utf16.ts";
import { around } from "../../text/cut.ts";
import type { Matcher } from "./matcher.ts";

/** `near`: what stands around it in the file, and where in that it begins. */
export type LineMatch = {
  line: number;
  column: number;
  text: string;
  cut: boolean;
  near?: { text: string; at: number };
};

/** What one file's bytes say to a matcher. */
export type Looked = {
  matches: LineMatch[];
  /** Its bytes match, but they are no text. */
  binary?: boolean;
  /** In which encoding it matches, by a guess. */
  guessed?: string;
  /** It is in some encoding in which the text may stand unseen. */
  unsure?: boolean;
};

const MAX_LINE_CHARS = 300;
/**
 * On each side of a match: more than any private key has. Matches that stand close together share what is around them.
 */
const NEAR_CHARS = 16 * 1024;
/** Most encodings tried on a file whose encoding is not known, when every line must be tried. */
const MAX_GUESSES = 6;
const LOOKED_AT_BYTES = 8_000;

/** What of a file's matches is wanted: how many, and whether with what stands around them. */
export type WantedMatches = { max: number; near?: boolean };

/** Pure and without a way to wait, so that it can be ended at any place. */
export function lookIn(bytes: Uint8Array, matcher: Matcher, wanted: WantedMatches): Looked {
  const buffer = asBuffer(bytes);
  if (!buffer.subarray(0, LOOKED_AT_BYTES).includes(0) && isUtf8(buffer) && buffer[0] !== 0xef) {
    if (matcher.needed && !matcher.needed.some((one) => buffer.includes(one))) return { matches: [] };
    const ascii = isAscii(buffer);
    return { matches: inLines(buffer.toString(ascii ? "latin1" : "utf8"), ascii, matcher, wanted) };
  }
  const encoding = encodingOf(buffer);
  if (!encoding) return { matches: [], binary: isInBinary(buffer, matcher) };
  const { text } = textFileOf(buffer, encoding)!;
  const matches = inLines(text, false, matcher, wanted);
  if (encoding.name !== "unknown" || matches.length > 0 || matcher.ascii) return { matches };
  return guessing(buffer, matcher, wanted);
}

/** Each encoding that these bytes can be is tried: better a match in a wrong one than none in the right one. */
function guessing(buffer: Buffer, matcher: Matcher, wanted: WantedMatches): Looked {
  const { literals } = matcher;
  const possible = possibleEncodings(buffer).filter((name) => {
    if (!literals) return true;
    const forms = literals.map((one) => encode(one, { name, mark: false }));
    return forms.some((form) => form && buffer.includes(asBuffer(form)));
  });
  for (const name of literals ? possible : possible.slice(0, MAX_GUESSES)) {
    const read = textFileOf(buffer, { name, mark: false });
    const matches = read ? inLines(read.text, false, matcher, wanted) : [];
    if (matches.length > 0) return { matches, guessed: name };
  }
  return { matches: [], unsure: true };
}

function isInBinary(buffer: Buffer, matcher: Matcher): boolean {
  if (matcher.literals)
    // As bytes: looking for a string with half a pair in it ends the process (Node 24).
    return matcher.literals.some(
      (one) => buffer.includes(encodeUtf8(one)) || buffer.includes(encodeUtf16(one, "utf-16le")),
    );
  return inLines(buffer.toString("latin1"), false, matcher, { max: 1 }).length > 0;
}

function inLines(text: string, ascii: boolean, matcher: Matcher, { max, near }: WantedMatches): LineMatch[] {
  const lineEnd = hasLoneReturns(text) ? "\r" : "\n";
  const nearby = near ? createNearby(text) : undefined;
  const found: LineMatch[] = [];
  for (let from = 0, line = 1; from < text.length && found.length < max; line++) {
    const next = text.indexOf(lineEnd, from);
    const end = next === -1 ? text.length : next;
    const here = text.slice(from, text[end - 1] === "\r" && end > from ? end - 1 : end);
    const hit = matcher.inLine(here, ascii);
    if (hit)
      found.push({
        line,
        column: hit.index + 1,
        ...shownAround(here, hit),
        ...(nearby && { near: nearby(from + hit.index) }),
      });
    from = end + 1;
  }
  return found;
}

/** For places in their order. */
function createNearby(text: string) {
  let [start, end, shared] = [0, 0, ""];
  return (at: number) => {
    if (end === 0 || (end < text.length && at + NEAR_CHARS > end)) {
      start = Math.max(0, at - NEAR_CHARS);
      end = Math.min(text.length, at + 3 * NEAR_CHARS);
      shared = ownCopy(text.slice(start, end));
    }
    return { text: shared, at: at - start };
  };
}

function shownAround(line: string, { index, length }: { index: number; length: number }) {
  if (line.length <= MAX_LINE_CHARS) return { text: ownCopy(line), cut: false };
  const { start, end } = around(line, index, index + length, MAX_LINE_CHARS);
  return { text: ownCopy(line.slice(start, end)), cut: true };
}

/** A slice keeps the whole file in memory for as long as it lives itself. */
const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text));
