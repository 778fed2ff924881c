import { linkWords } from "./prompt-text.ts";

/** Blocks and elements as Slack sends them; nothing about them is certain. */
export type Part = { type?: unknown; elements?: unknown; [key: string]: unknown };
export const partsOf = (value: unknown): Part[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
export const stringIn = (value: unknown) => (typeof value === "string" ? value : "");

/** What a person wrote in Slack's editor, as they saw it: lists, quotes and code as Markdown has them. */
export const richTextWords = (block: Part): string =>
  partsOf(block.elements)
    .map(elementWords)
    .filter((words) => words !== "")
    .reduce((text, words) => `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${words}`, "")
    .trim();

function elementWords(element: Part, place: number, all: readonly Part[]): string {
  const { type, elements } = element;
  if (type === "rich_text_list") return listWords(element, all.slice(0, place));
  const words = partsOf(elements).map(inlineWords).join("");
  if (type === "rich_text_preformatted") return `\`\`\`\n${partsOf(elements).map(codeWords).join("")}\n\`\`\``;
  if (type === "rich_text_quote")
    return words
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n");
  return words;
}

/**
 * A list inside a list is a list of its own with more indent; a numbered one goes on where the last of its indent
 * ended.
 */
function listWords({ style, indent, offset, elements }: Part, before: readonly Part[]): string {
  const depth = Number(indent ?? 0) || 0;
  const first = (Number(offset ?? 0) || numberedBefore(before, depth)) + 1;
  return partsOf(elements)
    .map((item, i) => {
      const words = partsOf(item.elements).map(inlineWords).join("");
      return `${"  ".repeat(depth)}${style === "ordered" ? `${first + i}.` : "-"} ${words}`;
    })
    .join("\n");
}

function numberedBefore(before: readonly Part[], depth: number): number {
  let count = 0;
  for (const { type, style, indent, elements } of before.toReversed()) {
    const own = Number(indent ?? 0) || 0;
    if (type !== "rich_text_list" || own < depth) break;
    if (own === depth && style !== "ordered") break;
    if (own === depth) count += partsOf(elements).length;
  }
  return count;
}

/** A shell command with a link in it is the text that a person typed, and not an address with words. */
const codeWords = ({ text, url }: Part) => stringIn(text) || stringIn(url);

function inlineWords(element: Part): string {
  const { type, text, style, url, name, unicode, range, fallback, value } = element;
  switch (type) {
    case "text":
      return (style as { code?: unknown } | undefined)?.code ? `\`${stringIn(text)}\`` : stringIn(text);
    case "link":
      return (style as { code?: unknown } | undefined)?.code
        ? `\`${codeWords(element)}\``
        : linkWords(stringIn(url), stringIn(text));
    case "emoji":
      return unicodeWords(stringIn(unicode)) || `:${stringIn(name)}:`;
    case "user":
      return `@${stringIn(element.user_id)}`;
    case "usergroup":
      return `@${stringIn(element.usergroup_id)}`;
    case "channel":
      return `#${stringIn(element.channel_id)}`;
    case "broadcast":
      return `@${stringIn(range)}`;
    case "date":
      return stringIn(fallback);
    case "color":
      return stringIn(value);
    default:
      return stringIn(text);
  }
}

/** "1f44d-1f3fd": code points in hexadecimal. */
function unicodeWords(code: string): string {
  const points = code.split("-").map((point) => Number.parseInt(point, 16));
  return code === "" || points.some((point) => !(point > 0 && point <= 0x10ffff))
    ? ""
    : String.fromCodePoint(...points);
}
