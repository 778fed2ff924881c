import type { types } from "@slack/bolt";
import { LIMITS, plain } from "./text.ts";

export const input = (
  block_id: string,
  label: string,
  element: types.InputBlock["element"],
  more: { hint?: string | undefined; optional?: boolean; followed?: boolean } = {},
): types.InputBlock => ({
  type: "input",
  block_id,
  label: plain(label, LIMITS.label),
  element,
  ...(more.hint && { hint: plain(more.hint, LIMITS.hint) }),
  optional: more.optional ?? false,
  // A choice that the estimate follows is told at once.
  ...(more.followed && { dispatch_action: true }),
});

export const line = (action_id: string, placeholder: string): types.PlainTextInput => ({
  type: "plain_text_input",
  action_id,
  placeholder: plain(placeholder, LIMITS.placeholder),
});

export const optionOf = (value: string, text: string, description?: string): types.PlainTextOption => ({
  text: plain(text, LIMITS.optionText),
  value,
  ...(description && { description: plain(description, LIMITS.optionText) }),
});
