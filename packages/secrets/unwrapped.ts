import { WITHOUT_WIDTH_CLASS } from "../text/hidden.ts";
import { SECRET_START, SHOWN_COLOUR } from "./word-starts.ts";

/** What keys and tokens are made of. */
const CHAR = "[A-Za-z0-9+/_.~-]";
/** Colours and what has no width, as they are and as `visible` writes them. */
const MARKS = `(?:${SHOWN_COLOUR}|${WITHOUT_WIDTH_CLASS}|\\\\u\\{(?!1b\\})[0-9a-f]{1,6}\\})`;
/** What writers of logs put before each line: a time, a level, the number of a step, the frame of a box. */
const PREFIX =
  "[ \\t]*(?:(?:\\[[^\\]\\n]{1,30}\\]|\\d{4}-\\d\\d-\\d\\d[T ][\\d:.,]{5,20}(?:Z|[+-]\\d\\d:?\\d\\d)?|\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?|#\\d{1,4} \\d{1,6}\\.\\d{1,4}|\\d\\d[OE]\\+?|[|│>+*#-]{1,2})[ \\t]+){0,4}";
/** The right side of a box. */
const FRAME = "(?:[|│][ \\t]*)?";
/**
 * None of its parts can begin within another, and none begins behind the last letter of a colour: else a row of colours
 * would be looked through from each of them.
 */
const BREAK = new RegExp(
  `(?<=${CHAR})(?<!${SHOWN_COLOUR})(?:${MARKS}*[ \\t]*${FRAME}\\r?\\n${MARKS}*(?:(?=[ \\t\\d[#|│>+*-])${PREFIX}${MARKS}*)?|${MARKS}+)(?=${CHAR})(?!-----)`,
  "g",
);

/** A shorter word over the end of a line is no secret, and neither is one without a digit: most are of prose. */
const MIN_WORD = 16;
const MAX_LOOK = 600;
const FRONT = new RegExp(`^${MARKS}*${PREFIX}${MARKS}*`);
const HEAD = new RegExp(`^${CHAR}*`);
const ONE = new RegExp(`^${CHAR}$`);
const LINE_END = new RegExp(`${MARKS}*[ \\t]*${FRAME}(?:\\r?\\n|$)`, "y");

/** `at`: the place in the unwrapped text; `isLine`: a line ended there, and `isFull` the next one is as long. */
export type WrappedAt = { at: number; isLine: boolean; isFull: boolean };

const BEGINS = new RegExp(`^${SECRET_START}`);

/**
 * A text in which words go on where a line was wrapped or something unseen stands in them, and how to get from places in
 * it back to the text. undefined: there is no such word that could be a secret. `parted`: what looks like the beginning of
 * a word stays one, and a shorter line is the last of its word; rules look at what stands before and behind.
 */
export function unwrapped(text: string, { parted }: { parted: boolean }) {
  const parts: string[] = [];
  const breaks: (WrappedAt & { source: number })[] = [];
  let end = 0;
  let length = 0;
  for (const { 0: gap, index: from } of text.matchAll(BREAK)) {
    const to = from + gap.length;
    const isLine = gap.includes("\n");
    if (isLine && !mayBeSecret(text, from, to)) continue;
    const isFull = isLine && isFullAt(text, from, to);
    const before = breaks.at(-1);
    const isBehindLast = before?.isLine && !before.isFull && !/\s/.test(text.slice(before.source, from));
    if (isLine && parted && (isBehindLast || BEGINS.test(text.slice(to, to + 13)))) continue;
    parts.push(text.slice(end, from));
    length += from - end;
    end = to;
    breaks.push({ at: length, isLine, isFull, source: to });
  }
  if (breaks.length === 0) return undefined;
  parts.push(text.slice(end));
  const sourceOf = (place: number) => {
    const last = breaks.findLast(({ at }) => at <= place);
    return last ? last.source + (place - last.at) : place;
  };
  return { text: parts.join(""), breaks, sourceOf };
}

/** Whether nothing is seen behind a place in its line but the frame of a box. */
export function isLineEnd(text: string, at: number): boolean {
  LINE_END.lastIndex = at;
  return LINE_END.test(text);
}

/** Where lines are wrapped, all of them but the last are of one length, with what stands before them or without. */
function isFullAt(text: string, from: number, to: number): boolean {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const [prefix] = FRONT.exec(text.slice(start, Math.min(from, start + MAX_LOOK)))!;
  const nextStart = text.lastIndexOf("\n", to - 1) + 1;
  const found = text.indexOf("\n", to);
  const nextEnd = found === -1 ? text.length : found;
  return from - start === nextEnd - nextStart || from - start - prefix.length === nextEnd - to;
}

function mayBeSecret(text: string, from: number, to: number): boolean {
  let start = from;
  while (start > from - MAX_LOOK && ONE.test(text.charAt(start - 1))) start -= 1;
  const [behind] = HEAD.exec(text.slice(to, to + MAX_LOOK))!;
  const word = text.slice(start, from) + behind;
  return word.length >= MIN_WORD && /\d/.test(word) && /[A-Za-z]/.test(word);
}
