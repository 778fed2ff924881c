import { z } from "zod";
import { choices } from "./choices.ts";
import { actionable, confirmable } from "./properties.ts";
import { chars, LinkUrl, MenuOption, plainTextObject } from "./text.ts";
import { FileInput, lineInput, NumberInput, PlainTextInput, RichTextInput } from "./typed-inputs.ts";

/** https://docs.slack.dev/reference/block-kit/block-elements: what the stand-in knows; an unknown property is refused, as there. */
const Button = z.strictObject({
  type: z.literal("button"),
  ...actionable,
  ...confirmable,
  style: z.enum(["primary", "danger"]).optional(),
  text: plainTextObject(75),
  value: z.string().max(2_000).optional(),
  url: LinkUrl.optional(),
  accessibility_label: chars(75).optional(),
});

export const Image = z.strictObject({ type: z.literal("image"), image_url: LinkUrl, alt_text: chars(2_000) });

const Overflow = z.strictObject({
  type: z.literal("overflow"),
  ...actionable,
  ...confirmable,
  options: z.array(MenuOption).min(1).max(5),
});

export const ActionElement = z.discriminatedUnion("type", [Button, Overflow, RichTextInput, ...choices]);
export const Accessory = z.discriminatedUnion("type", [Button, Overflow, Image, ...choices]);
export const InputElement = z.discriminatedUnion("type", [
  PlainTextInput,
  NumberInput,
  lineInput("email_text_input"),
  lineInput("url_text_input"),
  RichTextInput,
  FileInput,
  ...choices,
]);
