import { z } from "zod";
import { Id, LinkUrl } from "./text.ts";

const Style = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional();

const Span = z.strictObject({ type: z.literal("text"), text: z.string().min(1), style: Style });
const Link = z.strictObject({ type: z.literal("link"), url: LinkUrl, text: z.string().optional(), style: Style });

const Inline = z.discriminatedUnion("type", [
  Span,
  Link,
  z.strictObject({ type: z.literal("emoji"), name: z.string().min(1), unicode: z.string().optional(), style: Style }),
  z.strictObject({ type: z.literal("user"), user_id: z.string(), style: Style }),
  z.strictObject({ type: z.literal("usergroup"), usergroup_id: z.string(), style: Style }),
  z.strictObject({ type: z.literal("channel"), channel_id: z.string(), style: Style }),
  z.strictObject({ type: z.literal("broadcast"), range: z.enum(["here", "channel", "everyone"]), style: Style }),
  z.strictObject({
    type: z.literal("date"),
    timestamp: z.number().int(),
    format: z.string().min(1),
    url: LinkUrl.optional(),
    fallback: z.string().optional(),
    style: Style,
  }),
]);

const Section = z.strictObject({ type: z.literal("rich_text_section"), elements: z.array(Inline) });
const Border = z.union([z.literal(0), z.literal(1)]).optional();

const RichTextElement = z.discriminatedUnion("type", [
  Section,
  z.strictObject({
    type: z.literal("rich_text_list"),
    style: z.enum(["bullet", "ordered"]),
    elements: z.array(Section),
    indent: z.number().int().min(0).max(8).optional(),
    offset: z.number().int().optional(),
    border: Border,
  }),
  z.strictObject({
    type: z.literal("rich_text_preformatted"),
    elements: z.array(z.discriminatedUnion("type", [Span, Link])),
    border: Border,
    language: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("rich_text_quote"), elements: z.array(Inline), border: Border }),
]);

export const RichText = z.strictObject({
  type: z.literal("rich_text"),
  block_id: Id.optional(),
  elements: z.array(RichTextElement).min(1),
});

/** A task's details and output: exactly one element, and Slack refuses one without any text in it. */
export const TaskText = RichText.extend({ elements: z.array(RichTextElement).min(1).max(1) }).refine(
  (rich) => JSON.stringify(rich.elements).includes('"text":') || JSON.stringify(rich.elements).includes('"emoji"'),
  "must be more than 0 characters",
);
