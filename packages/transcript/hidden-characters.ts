/**
 * Characters that are not seen, or that change what is seen: controls, the direction marks of trojan source,
 * zero-width, tag and filler characters. A joiner is one of them only behind ASCII, where no script or emoji needs it.
 */
const HIDDEN =
  /[[\p{Cc}\p{Cs}]--[\t\n]]|[\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e01ef}]|(?<=^|[\0-\x7f])[\u200c\u200d]/gv;

const NAMES: Record<number, string> = {
  13: "carriage return",
  27: "escape",
  173: "soft hyphen",
  8203: "zero-width space",
  8206: "left-to-right mark",
  8207: "right-to-left mark",
  8234: "left-to-right embedding",
  8235: "right-to-left embedding",
  8236: "end of direction",
  8237: "left-to-right override",
  8238: "right-to-left override",
  8294: "left-to-right isolate",
  8295: "right-to-left isolate",
  8296: "first strong isolate",
  8297: "end of isolate",
  65279: "byte order mark",
};

// Written so that no part can begin inside another: it stays linear, whatever a hostile output holds.
const TERMINAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with control characters
  /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]/g;

export type TextPart = { kind: "text"; text: string } | { kind: "hidden"; code: string; name: string };

/** Colours, titles, links and clipboard writes are for terminals; what is left of their text stays. CRLF becomes LF. */
export const withoutTerminalCodes = (text: string) => text.replace(TERMINAL, "").replaceAll("\r\n", "\n");

/** The text cut at every hidden character, which is named instead. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    if (index > from) parts.push({ kind: "text", text: text.slice(from, index) });
    parts.push({ kind: "hidden", ...nameOf(character) });
    from = index + character.length;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}

/** One string in which every hidden character is spelled out: `[U+202E]`. */
export const visible = (text: string) => text.replace(HIDDEN, (character) => `[${nameOf(character).code}]`);

export const countHidden = (text: string) => text.match(HIDDEN)?.length ?? 0;

function nameOf(character: string) {
  const point = character.codePointAt(0)!;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  return { code, name: NAMES[point] ?? "hidden character" };
}
