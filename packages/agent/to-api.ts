import type { ContentBlock, Message } from "../conversation/conversation.ts";
import { wellFormed } from "../text/well-formed.ts";
import { type Images, imageBlock } from "./attached.ts";
import { framed, unframed } from "./frame.ts";
import { pairedCalls } from "./paired-calls.ts";

export type ApiForm = {
  messages: Message[];
  /**
   * Some thinking stands behind a block of its own answer that could not be sent as it came. On models that bind
   * thinking to what precedes it the API refuses that, unless it is told to drop such thinking.
   */
  unbinds: boolean;
};

/**
 * The one way from the stored form of a conversation to what the Messages API accepts. Every block goes as it came,
 * thinking in its place and with its signature, but for what the API would refuse to read back. A message depends on
 * the ones before it and on the role of the next one only, so what was sent once is sent the same for ever: the
 * thinking that followed it was bound to that.
 */
export function toApi(
  stored: readonly Message[],
  model: { systemMessages: boolean; images?: Images | "refused" | undefined },
): ApiForm {
  const form: ApiForm = { messages: [], unbinds: false };
  for (const [i, { role, content }] of stored.entries()) {
    const next = stored[i + 1];
    if (role === "assistant") pushAnswer(form, content, next);
    else if (role === "user")
      form.messages.push({ role, content: content.flatMap((block) => userBlocks(block, model.images)) });
    else pushNote(form.messages, content, model.systemMessages && next?.role !== "user");
  }
  return { ...form, messages: pairedCalls(form.messages).map(filled) };
}

const PLACEHOLDER: ContentBlock = { type: "text", text: "(no answer)" };

function pushAnswer(form: ApiForm, received: readonly ContentBlock[], next: Message | undefined) {
  const sent = received.map(answerBlock);
  const firstChange = sent.findIndex((block, i) => block !== received[i]);
  if (firstChange !== -1 && sent.slice(firstChange).some((block) => block && isThinking(block))) form.unbinds = true;
  const content = sent.filter((block) => block !== undefined);
  // After a pause the API goes on with its own words, so nothing may be put behind them.
  const isDone = next !== undefined && next.role !== "assistant";
  const last = content.at(-1);
  if (isDone && (!last || isThinking(last))) content.push(PLACEHOLDER);
  if (content.length > 0) form.messages.push({ role: "assistant", content });
}

/**
 * A block's form depends on itself alone, and stored blocks never change: each is looked through once, and not once a
 * turn with all that came before it.
 */
function onceEach<Form>(formOf: (block: ContentBlock) => Form): (block: ContentBlock) => Form {
  const known = new WeakMap<ContentBlock, { form: Form }>();
  return (block) => {
    const found = known.get(block) ?? { form: formOf(block) };
    known.set(block, found);
    return found.form;
  };
}

/** A block of an answer as the API reads it back, the very same where it can be; undefined: it cannot be sent at all. */
const answerBlock = onceEach((block): ContentBlock | undefined => {
  const bare = unmarked(block);
  switch (bare.type) {
    case "text":
      return isBlank(bare.text) ? undefined : wellFormed(bare);
    case "thinking":
      return bare.signature && wellFormed(bare) === bare ? bare : undefined;
    case "redacted_thinking":
      return typeof bare.data === "string" ? bare : undefined;
    case "tool_use": {
      const name = toolName(bare.name);
      const input = asObject(bare.input);
      return wellFormed(name === bare.name && input === bare.input ? bare : { ...bare, name, input });
    }
    default:
      // A kind of tomorrow, or of a tool that we did not offer: the API takes it only together with what it belongs to.
      return undefined;
  }
});

const userBlocks = (block: ContentBlock, images: Images | "refused" = new Map()) =>
  block.type === "image" ? [imageBlock(block, images)] : userBlock(block);

const userBlock = onceEach((block): ContentBlock[] => {
  const bare = unmarked(block);
  if (bare.type === "text") return isBlank(bare.text) ? [] : [wellFormed(withText(bare, "text"))];
  if (bare.type !== "tool_result") return [];
  const content = typeof bare.content === "string" ? bare.content : textOf(bare.content);
  const plain = content === bare.content ? bare : { ...bare, content };
  return [wellFormed(isBlank(content) ? { ...plain, content: "(nothing)" } : withText(plain, "content"))];
});

function withText(block: ContentBlock, field: "text" | "content"): ContentBlock {
  const clean = unframed(String(block[field]));
  return clean === block[field] ? block : { ...block, [field]: clean };
}

/**
 * A system message must follow the user's and be followed by an answer. Where it cannot stand, or the model has none,
 * the note goes framed into the last tool answer (loose text behind tool answers makes models stop early), else behind the text.
 */
function pushNote(messages: Message[], content: readonly ContentBlock[], mayStand: boolean) {
  const notes = content.filter(({ text }) => !isBlank(text)).map(wellFormed);
  const before = messages.at(-1);
  if (notes.length === 0) return;
  if (mayStand && before?.role === "user") return void messages.push({ role: "system", content: notes });
  const note = framed(notes.map(({ text }) => String(text)).join("\n\n"));
  if (before?.role !== "user") return void messages.push({ role: "user", content: [{ type: "text", text: note }] });
  const last = before.content.at(-1);
  if (last?.type === "tool_result") {
    before.content[before.content.length - 1] = { ...last, content: `${last.content}\n\n${note}` };
  } else before.content.push({ type: "text", text: note });
}

const filled = (message: Message): Message =>
  message.content.length > 0 ? message : { ...message, content: [{ type: "text", text: "(nothing)" }] };

const asObject = (input: unknown) =>
  typeof input === "object" && input !== null && !Array.isArray(input)
    ? input
    : input === null || input === undefined
      ? {}
      : { input };

const toolName = (name: unknown) =>
  typeof name === "string" && /^[a-zA-Z0-9_-]{1,128}$/.test(name)
    ? name
    : String(name ?? "")
        .replace(/[^a-zA-Z0-9_-]/g, "_")
        .slice(0, 128) || "unnamed";

/** Whatever came, marks for the cache are set anew in each request. */
function unmarked(block: ContentBlock): ContentBlock {
  if (!("cache_control" in block)) return block;
  const { cache_control: _, ...bare } = block;
  return bare;
}

const isThinking = ({ type }: ContentBlock) => type === "thinking" || type === "redacted_thinking";
const isBlank = (text: unknown) => typeof text !== "string" || text.trim() === "";
const textOf = (content: unknown) =>
  Array.isArray(content) ? content.map((part: { text?: unknown }) => String(part?.text ?? "")).join("\n") : "";
