/*
 * The one rule for characters that are not seen, or that change how others are seen: controls, marks of direction
 * (trojan source), fillers, tags, private use, halves of pairs. Tab and newline are no such characters; what is to be
 * done with a carriage return is for the caller to say before.
 *
 * Writing needs three kinds of them: a joiner behind a letter or a picture, one variation selector behind a character,
 * one behind a digit of a keycap. Anywhere else, and in a row, they carry what only machines read.
 */
const ALWAYS = "\\p{Cc}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb";
const JOINERS = "\\u200c\\u200d";
const SELECTORS = "\\u180b-\\u180d\\u180f\\ufe00-\\ufe0f";
/** What a joiner or a selector may stand behind. */
const SEEN = `[\\p{Any}--[\\0-\\x7f${ALWAYS}]]`;

const HIDDEN = new RegExp(
  [
    `[[${ALWAYS}]--[\\t\\n${JOINERS}${SELECTORS}]]`,
    `(?<!${SEEN}\\ufe0f?)[${JOINERS}]`,
    `(?<!${SEEN}|[0-9#*])[${SELECTORS}]`,
  ].join("|"),
  "gv",
);

/** In names, everything that looks like a plain space, or like nothing, could be taken for another name. */
const HIDDEN_IN_NAMES = new RegExp(`[[${ALWAYS}\\p{Cf}\\p{Z}]--[ ]]`, "gv");

/** What may stand within a word unseen, as a class of a pattern: joiners, marks of direction, soft hyphens. */
export const WITHOUT_WIDTH_CLASS = "[\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]";

/** For what has to be decided by its looks: two texts that give the same look the same. */
const WITHOUT_WIDTH = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gv;

export const replaceHidden = (text: string, by: (character: string) => string) => text.replace(HIDDEN, by);

export const replaceHiddenInName = (name: string, by: (character: string) => string) =>
  name.replace(HIDDEN_IN_NAMES, by);

/** Lines end with LF, and nothing is there that a reader does not see. */
export const withoutHidden = (text: string) => replaceHidden(text.replace(/\r\n?/g, "\n"), () => "");

/** Every hidden character is spelled out: `[U+202E]`. */
export const spellHidden = (text: string) => replaceHidden(text, (character) => `[${nameOf(character).code}]`);

export const countHidden = (text: string) => text.match(HIDDEN)?.length ?? 0;

/** Forms of an accent, kinds of spaces and what has no width make no difference. */
export const looks = (text: string) =>
  text
    .normalize("NFC")
    .replace(WITHOUT_WIDTH, "")
    .replace(/\p{Zs}/gu, " ");

export type TextPart = { kind: "text"; text: string } | { kind: "hidden"; code: string; name: string };

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

function nameOf(character: string) {
  const point = character.codePointAt(0)!;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  return { code, name: NAMES[point] ?? "hidden character" };
}
