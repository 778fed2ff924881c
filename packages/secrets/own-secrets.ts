import { base64Runs, textInBase64 } from "./base64.ts";
import { withoutEscapes } from "./escapes.ts";
import { needlesOf } from "./needles.ts";
import { createSqueezedSearch, type Range } from "./squeezed-search.ts";

/** Base64 in base64 in base64 is not looked into. */
const MAX_DEPTH = 2;
/** Bytes that are looked at together; needles are shorter than the overlap even with a separator at each character. */
const PIECE_BYTES = 1024 * 1024;
const OVERLAP_BYTES = 16 * 1024;

/** Looks for our own secrets in whatever form can be undone cheaply. */
export function createOwnSecrets(own: readonly string[]) {
  const needles = needlesOf(own);
  const squeezed = createSqueezedSearch(needles.squeezed);
  const hasAny = needles.exact.length + needles.squeezed.length > 0;

  const plainRanges = (text: string): Range[] => [
    ...needles.exact.flatMap((needle) => placesOf(text, needle)),
    ...squeezed.inText(text),
  ];

  function rangesIn(text: string, depth = 0): Range[] {
    if (!hasAny || text.length < MIN_CHARS) return [];
    const plain = withoutEscapes(text);
    return [
      ...plainRanges(text),
      ...(plain ? plainRanges(plain.text).map(plain.rangeOf) : []),
      ...(depth < MAX_DEPTH ? inBase64(text, depth) : []),
    ].toSorted((a, b) => a.start - b.start || b.end - a.end);
  }

  const inBase64 = (text: string, depth: number): Range[] =>
    [...base64Runs(text)].filter(({ run }) => {
      const decoded = textInBase64(run);
      return decoded !== undefined && rangesIn(decoded, depth + 1).length > 0;
    });

  return {
    rangesIn: (text: string) => rangesIn(text),

    /** Whether bytes of any length hold one; escapes and base64 of other text are not undone here. */
    isIn(bytes: Uint8Array): boolean {
      if (!hasAny) return false;
      for (let start = 0; start === 0 || start < bytes.length; start += PIECE_BYTES - OVERLAP_BYTES) {
        const piece = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(PIECE_BYTES, bytes.length - start));
        if (squeezed.isIn(piece) || needles.exact.some((needle) => piece.includes(needle))) return true;
      }
      return false;
    },
  };
}

const MIN_CHARS = 8;

function placesOf(text: string, needle: string): Range[] {
  const places: Range[] = [];
  for (let start = text.indexOf(needle); start >= 0; start = text.indexOf(needle, start + needle.length))
    places.push({ start, end: start + needle.length });
  return places;
}
