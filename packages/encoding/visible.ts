import { replaceHidden, replaceHiddenInName } from "../text/hidden.ts";
import { opaque } from "./opaque.ts";

/** What cannot be seen, as the model is shown it: `\xe9` for a byte that is no text, `\u{202e}` for the rest. */
export const visible = (text: string) => replaceHidden(text, escaped);

export const visibleName = (name: string) => replaceHiddenInName(name, escaped);

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
