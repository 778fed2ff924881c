import { opaque } from "./opaque.ts";

/**
 * What cannot be seen, or would move what is seen: control characters but tab and newline, zero-width spaces, marks of
 * direction, line separators, halves of pairs, bytes that are no text. Joiners stay: emoji and several scripts need them.
 */
const UNSEEN =
  /(?![\t\n])[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

/** In names everything that looks like a plain space, or like nothing, could be taken for another name. */
const UNSEEN_IN_NAMES = /(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}]/gu;

/** `\xe9` for a byte that is no text, `\u{202e}` for the rest. `unescaped` reads both. */
export const visible = (text: string) => text.replace(UNSEEN, escaped);

export const visibleName = (name: string) => name.replace(UNSEEN_IN_NAMES, escaped);

function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code - 0xdc00).toString(16)}` : `\\u{${code.toString(16)}}`;
}

const ESCAPES = /\\x([89a-f][0-9a-f])|\\u\{([0-9a-f]{1,6})\}/gi;

/** What `visible` and `visibleName` wrote, as it was; undefined when nothing in `text` is such an escape. */
export function unescaped(text: string): string | undefined {
  let found = false;
  const plain = text.replace(ESCAPES, (written, byte?: string, code?: string) => {
    const char = byte ? opaque(Number.parseInt(byte, 16)) : charOf(Number.parseInt(code!, 16));
    found ||= char !== undefined;
    return char ?? written;
  });
  return found ? plain : undefined;
}

/** Only what would have been escaped: `\u{41}` in a source file is just that. */
function charOf(code: number): string | undefined {
  if (code > 0x10ffff) return undefined;
  const char = String.fromCodePoint(code);
  return visibleName(char) !== char ? char : undefined;
}
