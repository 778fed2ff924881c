import { linkWords, promptText } from "./prompt-text.ts";
import { type Part, partsOf, richTextWords, stringIn } from "./rich-text.ts";

/**
 * What a person read in a message: what its writer typed, or the words of its blocks where an app composed it, then
 * those of its attachments and the names of its files. Alerts of monitoring apps have no other words.
 */
export function messageWords(message: object): string {
  const { text, blocks, attachments, files } = message as Part;
  const own = lines(partsOf(blocks).map(blockWords)) || promptText(stringIn(text));
  return lines([
    own,
    ...partsOf(attachments).map((one) => attachmentWords(one, own !== "")),
    ...partsOf(files).map(fileWords),
  ]);
}

/** The same without a mention of `userId`, with which a person turns to us. */
export function wordsTo(message: object, userId: string): string {
  const { text } = message as Part;
  const labelled = new RegExp(`<@${userId}(?:\\|[^<>]*)?>`, "g");
  const words = messageWords({ ...message, text: stringIn(text).replace(labelled, `<@${userId}>`) });
  return words
    .replace(new RegExp(`^@${userId}\\b[\\s:,]*`), "")
    .replace(new RegExp(`[ \\t]*@${userId}\\b`, "g"), "")
    .trim();
}

const lines = (parts: readonly string[]) =>
  parts
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join("\n");

/** A text object, or a text. Plain text is as it was seen, mrkdwn has marks. */
function textObjectWords(value: unknown): string {
  if (typeof value === "string") return promptText(value);
  const { type, text } = (value ?? {}) as Part;
  return type === "plain_text" ? stringIn(text).trim() : promptText(stringIn(text));
}

function blockWords(block: Part): string {
  const { type, text, title, fields, elements, alt_text, rows, tasks } = block;
  switch (type) {
    case "rich_text":
      return richTextWords(block);
    case "section":
      return lines([textObjectWords(text), ...partsOf(fields).map(textObjectWords)]);
    case "context":
      return partsOf(elements).map(contextWords).filter(Boolean).join(" ");
    // What a person may press says nothing about what happened.
    case "actions":
    case "context_actions":
    case "input":
    case "divider":
      return "";
    case "image":
      return textObjectWords(title) || stringIn(alt_text);
    case "table":
      return lines((Array.isArray(rows) ? rows : []).map((row) => partsOf(row).map(cellWords).join(" | ")));
    case "plan":
      return lines([stringIn(title), ...partsOf(tasks).map(blockWords)]);
    case "markdown":
      return stringIn(text);
    default:
      return lines([textObjectWords(title), textObjectWords(text)]);
  }
}

const contextWords = (element: Part) =>
  element.type === "image" ? stringIn(element.alt_text) : textObjectWords(element);
const cellWords = (cell: Part) => (cell.type === "rich_text" ? richTextWords(cell) : stringIn(cell.text));

/** `hasWords`: the message has some of its own, and a preview that Slack hung on a link in it is none of them. */
function attachmentWords(attachment: Part, hasWords: boolean): string {
  const { pretext, title, title_link, text, fields, fallback, blocks, message_blocks, files, from_url } = attachment;
  const isShared = attachment.is_share === true || attachment.is_msg_unfurl === true;
  if (stringIn(from_url) !== "" && hasWords && !isShared) return "";
  const words = lines([
    promptText(stringIn(pretext)),
    stringIn(title_link) ? linkWords(stringIn(title_link), promptText(stringIn(title))) : promptText(stringIn(title)),
    lines([...partsOf(blocks), ...partsOf(message_blocks).flatMap(sharedBlocks)].map(blockWords)) ||
      promptText(stringIn(text)),
    ...partsOf(fields).map((field) =>
      [promptText(stringIn(field.title)), promptText(stringIn(field.value))].filter(Boolean).join(": "),
    ),
    ...partsOf(files).map(fileWords),
  ]);
  return words || promptText(stringIn(fallback));
}

/** A message that was shared stands in the attachment as a message of its own. */
const sharedBlocks = ({ message }: Part) => partsOf((message as Part | undefined)?.blocks);

const fileWords = ({ title, name }: Part) => {
  const called = stringIn(name) || stringIn(title);
  return called === "" ? "" : `File: ${called}`;
};
