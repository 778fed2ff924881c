import type { types } from "@slack/bolt";
import { clip } from "../text/cut.ts";
import { replaceHidden } from "../text/hidden.ts";
import { clipToSize, sizeOf } from "./size.ts";

/** Slack's limits, in characters as Slack counts them (size.ts). https://docs.slack.dev/reference/block-kit */
export const LIMITS = {
  messageBlocks: 50,
  messageText: 4_000,
  modalBlocks: 100,
  section: 3_000,
  header: 150,
  button: 75,
  buttonValue: 2_000,
  url: 3_000,
  optionText: 75,
  optionValue: 150,
  options: 100,
  overflowOptions: 5,
  modalTitle: 24,
  label: 2_000,
  hint: 2_000,
  placeholder: 150,
  /** Also the longest `initial_value` that a plain-text input may be opened with. */
  input: 3_000,
  privateMetadata: 3_000,
  confirmTitle: 100,
  confirmText: 300,
} as const;

/** Untrusted text as a person may safely look at it. Hidden characters and halves of them become readable. */
export const readable = (text: string) => replaceHidden(text.replace(/\r\n?/g, "\n"), () => "\ufffd");

/** "name: words" in one line; when there is no room for both, the name is cut, and what is said about it stays. */
export function named(name: string, words: string, max: number): string {
  const said = clipToSize(readable(words), Math.max(max - 2 - sizeOf(readable(name)), Math.floor(max / 2)));
  return `${clipToSize(readable(name), max - 2 - sizeOf(said))}: ${said}`;
}

/** "words · name" in one line; when there is no room for both, the name is cut, and what is said about it stays. */
export function stated(words: string, name: string, max: number): string {
  const joint = " · ";
  const said = clipToSize(readable(words), Math.max(max - joint.length - sizeOf(readable(name)), Math.floor(max / 2)));
  return `${said}${joint}${clipToSize(readable(name), max - joint.length - sizeOf(said))}`;
}

/** `&`, `<` and `>` are all that Slack's mrkdwn needs: no mention, link or date can be written without them. */
export const escaped = (text: string) =>
  readable(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Cuts first and escapes then, so that no entity is cut in half. */
export const escapedWithin = (text: string, max: number) => escaped(clipToSize(readable(text), max));

export const plain = (text: string, max: number): types.PlainTextElement => ({
  type: "plain_text",
  text: clipToSize(readable(text).trim() || "–", max),
  emoji: false,
});

/** Our own mrkdwn; whatever came from outside goes through `escaped` first. `verbatim`: nothing is turned into a link. */
export const mrkdwn = (text: string): types.MrkdwnElement => ({
  type: "mrkdwn",
  text: clip(text, LIMITS.section).replace(/(?:<[^<>]*|&[a-z]*)…$/, "…"),
  verbatim: true,
});

/** Rich text is shown as it is: the safe home for words of people, repositories and models. */
export const literal = (text: string, style?: types.RichTextText["style"]): types.RichTextText => ({
  type: "text",
  text: readable(text),
  ...(style && { style }),
});

export const section = (elements: types.RichTextElement[]): types.RichTextSection => ({
  type: "rich_text_section",
  elements: elements.filter((element) => element.type !== "text" || element.text !== ""),
});

export const richText = (...elements: types.RichTextBlockElement[]): types.RichTextBlock => ({
  type: "rich_text",
  elements,
});

/** The host a link really leads to, shown beside it. */
export const linkText = (url: string) => {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
};
