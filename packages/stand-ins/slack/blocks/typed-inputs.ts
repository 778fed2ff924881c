import { z } from "zod";
import { actionable, focusable, withPlaceholder } from "./properties.ts";
import { RichText } from "./rich-text.ts";

/** Elements into which a person types, or puts files. */
const dispatch = {
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z.array(z.enum(["on_enter_pressed", "on_character_entered"])).min(1),
    })
    .optional(),
};

export const PlainTextInput = z.strictObject({
  type: z.literal("plain_text_input"),
  ...actionable,
  ...focusable,
  ...withPlaceholder,
  ...dispatch,
  multiline: z.boolean().optional(),
  initial_value: z.string().max(3_000).optional(),
  min_length: z.number().int().min(0).max(3_000).optional(),
  max_length: z.number().int().min(1).max(3_000).optional(),
});

export const NumberInput = z.strictObject({
  type: z.literal("number_input"),
  ...actionable,
  ...focusable,
  ...withPlaceholder,
  ...dispatch,
  is_decimal_allowed: z.boolean(),
  initial_value: z.string().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
});

export const lineInput = <T extends string>(type: T) =>
  z.strictObject({
    type: z.literal(type),
    ...actionable,
    ...focusable,
    ...withPlaceholder,
    ...dispatch,
    initial_value: z.string().optional(),
  });

export const RichTextInput = z.strictObject({
  type: z.literal("rich_text_input"),
  ...actionable,
  ...focusable,
  ...withPlaceholder,
  ...dispatch,
  initial_value: RichText.optional(),
  min_lines: z.number().int().min(1).max(100).optional(),
  max_lines: z.number().int().min(1).max(100).optional(),
});

/** https://docs.slack.dev/reference/block-kit/block-elements/file-input-element */
export const FileInput = z.strictObject({
  type: z.literal("file_input"),
  ...actionable,
  filetypes: z.array(z.string()).optional(),
  max_files: z.number().int().min(1).max(10).optional(),
});
