import type { types } from "@slack/bolt";
import { button } from "../button.ts";
import { bytesOfView, clipToSize, headOfSize, MESSAGE_SIZE, sizeOfBlocks, VIEW_BYTES } from "../size.ts";
import { escapedWithin, LIMITS, literal, mrkdwn, plain, readable, richText, section } from "../text.ts";
import { lookActionId, lookValue, PLACES, type Place, type Trail, trailText } from "./places.ts";

export const LOOK_MODAL = "cody-look-back";
export const DIVIDER: types.DividerBlock = { type: "divider" };
/** Most characters of a section's field; Slack takes ten fields. */
const MAX_FIELD = 500;
const MAX_FIELDS = 10;
/** One piece of a long text: what a section holds is safe in rich text too. */
const MAX_PIECE = 2_800;

export const header = (text: string): types.HeaderBlock => ({ type: "header", text: plain(text, LIMITS.header) });
export const context = (text: string): types.ContextBlock => ({ type: "context", elements: [mrkdwn(text)] });
export const actions = (elements: types.ActionsBlockElement[]): types.ActionsBlock[] =>
  elements.length > 0 ? [{ type: "actions", elements }] : [];

/** `name` tells the buttons of one block apart. */
export const lookButton = (text: string, name: string, place: Place, more: Partial<types.Button> = {}): types.Button =>
  button(text, lookActionId(name), lookValue(place), more);

/** A person's words as they are, beside a button. */
export const lineWithButton = (text: string, accessory: types.Button): types.SectionBlock => ({
  type: "section",
  text: plain(text, LIMITS.header),
  accessory,
});

/** Names and values side by side; values are shown literally but for `mrkdwn`, which is ours. */
export function facts(pairs: [name: string, value: string | { mrkdwn: string } | undefined][]): types.SectionBlock[] {
  const fields = pairs.flatMap(([name, value]) =>
    value === undefined || value === ""
      ? []
      : [mrkdwn(`*${name}*\n${typeof value === "string" ? escapedWithin(value, MAX_FIELD) : value.mrkdwn}`)],
  );
  return Array.from({ length: Math.ceil(fields.length / MAX_FIELDS) }, (_, i) => ({
    type: "section",
    fields: fields.slice(i * MAX_FIELDS, (i + 1) * MAX_FIELDS),
  }));
}

/** A long foreign text in as many pieces as it needs, at most `max`. */
export function quoted(text: string, max = 4): types.RichTextBlock[] {
  const found: string[] = [];
  for (let rest = readable(text).trim(); rest !== "" && found.length < max; ) {
    const piece = found.length === max - 1 ? clipToSize(rest, MAX_PIECE) : headOfSize(rest, MAX_PIECE);
    found.push(piece);
    rest = rest.slice(piece.length);
  }
  return found.map((piece) => richText({ type: "rich_text_quote", elements: [literal(piece)] }));
}

export const paragraph = (title: string, text: string): types.RichTextBlock =>
  richText(section([literal(title, { bold: true }), literal(`\n${clipToSize(text.trim(), MAX_PIECE)}`)]));

export const preformatted = (text: string, max = MAX_PIECE): types.RichTextPreformatted[] => {
  const shown = clipToSize(readable(text).trim(), max);
  return shown === "" ? [] : [{ type: "rich_text_preformatted", elements: [literal(shown)] }];
};

export const bullets = (lines: types.RichTextElement[][]): types.RichTextBlock[] =>
  lines.length === 0
    ? []
    : [richText({ type: "rich_text_list", style: "bullet", elements: lines.map((line) => section(line)) })];

/** Slack takes 100 blocks and 250 KB; what does not fit is left out, and the modal says so. */
export const withinView = <Block extends types.KnownBlock>(blocks: Block[]) =>
  asManyAsFit(blocks, (some) => some.length < LIMITS.modalBlocks && bytesOfView(some) < VIEW_BYTES);

/** The same for a message: 50 blocks, and what all their texts hold together. */
export const withinMessage = <Block extends types.KnownBlock>(blocks: Block[]) =>
  asManyAsFit(blocks, (some) => some.length < LIMITS.messageBlocks && sizeOfBlocks(some) < MESSAGE_SIZE);

function asManyAsFit<Block extends types.KnownBlock>(
  blocks: Block[],
  fits: (some: Block[]) => boolean,
): (Block | types.ContextBlock)[] {
  if (fits(blocks)) return blocks;
  let kept = blocks;
  while (!fits(kept)) kept = kept.slice(0, -1);
  return [...kept, context("The rest is too long for Slack.")];
}

/** What came of a press in the modal. */
export const noticeBlock = (notice: string | undefined): types.RichTextBlock[] =>
  notice ? [richText(section([literal(clipToSize(notice, MAX_PIECE), { bold: true })]))] : [];

/** It leads to where the person came from. */
const backButton = (trail: readonly Place[]) =>
  trail.length > 1 ? actions([button("← Back", PLACES.back, "back")]) : [];

/** A modal for reading. */
export function lookModal(title: string, trail: Trail, blocks: types.KnownBlock[]): types.ModalView {
  return {
    type: "modal",
    callback_id: LOOK_MODAL,
    private_metadata: trailText(trail),
    title: plain(title, LIMITS.modalTitle),
    close: plain("Close", LIMITS.modalTitle),
    blocks: withinView([...backButton(trail), ...blocks]),
  };
}

/** Opened before anything is read. */
export const loadingModal = (title: string, trail: Place[] = []): types.ModalView => ({
  type: "modal",
  callback_id: LOOK_MODAL,
  private_metadata: trailText(trail),
  title: plain(title, LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: [context("Loading …")],
});

export const sentenceModal = (title: string, sentence: string, trail: Place[] = []): types.ModalView => ({
  ...loadingModal(title, trail),
  blocks: [...backButton(trail), richText(section([literal(clipToSize(sentence, MAX_PIECE))]))],
});

const TITLES: Record<Place["kind"], string> = {
  job: "Job",
  run: "Repository in a job",
  repository: "Repository",
  conversation: "Conversation",
};
export const titleOfPlace = ({ kind }: Place) => TITLES[kind];
