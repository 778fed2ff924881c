/** Longer characters do not occur in writing; a pile of accents that is longer may be cut, but never inside a code point. */
const WINDOW = 256;
const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The last place at or before `at` (in UTF-16 units) where one character ends and the next begins, as people count
 * characters: not inside a surrogate pair, a letter with its accents, a family emoji, a flag, or CR LF. Looks at a
 * window only, so its cost does not grow with the text.
 */
export function boundaryBefore(text: string, at: number): number {
  if (at <= 0) return 0;
  if (at >= text.length) return text.length;
  if (isBetweenSimple(text, at)) return at;
  const { start, segment } = characterAt(text, at);
  return segment.index === 0 && start > 0 ? betweenCodePoints(text, at) : start + segment.index;
}

/** The first such place at or after `at`. */
export function boundaryAfter(text: string, at: number): number {
  if (at <= 0) return 0;
  if (at >= text.length) return text.length;
  if (isBetweenSimple(text, at)) return at;
  const { start, segment, end } = characterAt(text, at);
  if (start + segment.index === at) return at;
  const after = start + segment.index + segment.segment.length;
  const here = betweenCodePoints(text, at);
  return after < end || end === text.length ? after : here < at ? at + 1 : at;
}

/** `at`, or the place before it when it lies inside a surrogate pair. */
export const betweenCodePoints = (text: string, at: number) => (isInsidePair(text, at) ? at - 1 : at);

function characterAt(text: string, at: number) {
  const start = windowStart(text, at);
  const end = betweenCodePoints(text, Math.min(text.length, at + WINDOW));
  return { start, end, segment: SEGMENTER.segment(text.slice(start, end)).containing(at - start)! };
}

/** Flags are pairs of letters, so inside a row of them the window must begin an even number of letters from its start. */
function windowStart(text: string, at: number): number {
  const start = betweenCodePoints(text, Math.max(0, at - WINDOW));
  let row = start;
  while (isFlagLetter(text, row - 2)) row -= 2;
  return (start - row) % 4 === 0 ? start : start - 2;
}

/** Below U+0300 nothing joins but CR LF. */
function isBetweenSimple(text: string, at: number): boolean {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return before < 0x300 && after < 0x300 && !(before === 0x0d && after === 0x0a);
}

const isInsidePair = (text: string, at: number) =>
  (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;

const isFlagLetter = (text: string, at: number) =>
  at >= 0 && text.charCodeAt(at) === 0xd83c && text.charCodeAt(at + 1) >= 0xdde6 && text.charCodeAt(at + 1) <= 0xddff;
