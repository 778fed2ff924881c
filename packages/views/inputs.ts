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

/** A menu. Nothing is chosen where `chosen` is none of its options. */
export function selectOf(
  action_id: string,
  options: types.PlainTextOption[],
  chosen: string | undefined,
  placeholder: string,
): types.StaticSelect {
  const initial = options.find(({ value }) => value === chosen);
  return {
    type: "static_select",
    action_id,
    placeholder: plain(placeholder, LIMITS.placeholder),
    options,
    ...(initial && { initial_option: initial }),
  };
}

/** One box to tick. */
export const tickInput = (
  field: string,
  label: string,
  option: types.PlainTextOption,
  isTicked = false,
): types.InputBlock =>
  input(
    field,
    label,
    { type: "checkboxes", action_id: field, options: [option], ...(isTicked && { initial_options: [option] }) },
    { optional: true },
  );
