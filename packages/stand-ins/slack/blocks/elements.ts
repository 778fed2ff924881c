import { z } from "zod";
import { RichText } from "./rich-text.ts";
import {
  Confirm,
  chars,
  Id,
  LinkUrl,
  MarkedOption,
  MenuOption,
  OptionGroup,
  PlainOption,
  plainTextObject,
} from "./text.ts";

/** https://docs.slack.dev/reference/block-kit/block-elements: what the stand-in knows; an unknown property is refused, as there. */
const actionable = { action_id: Id.optional() };
const confirmable = { confirm: Confirm.optional() };
const focusable = { focus_on_load: z.boolean().optional() };
const placeholder = { placeholder: plainTextObject(150).optional() };
const maxItems = { max_selected_items: z.number().int().min(1).optional() };
const style = { style: z.enum(["primary", "danger"]).optional() };
const common = { ...actionable, ...confirmable, ...focusable };

const Button = z.strictObject({
  type: z.literal("button"),
  ...actionable,
  ...confirmable,
  ...style,
  text: plainTextObject(75),
  value: z.string().max(2_000).optional(),
  url: LinkUrl.optional(),
  accessibility_label: chars(75).optional(),
});

export const Image = z.strictObject({ type: z.literal("image"), image_url: LinkUrl, alt_text: chars(2_000) });

type WithValue = { value?: string | undefined };
const chosenAmong = (element: {
  options?: WithValue[] | undefined;
  option_groups?: { options: WithValue[] }[] | undefined;
  initial_option?: WithValue | undefined;
  initial_options?: WithValue[] | undefined;
}) => {
  const known = new Set(
    [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)].map(
      (o) => o.value,
    ),
  );
  const initial = [...(element.initial_options ?? []), ...(element.initial_option ? [element.initial_option] : [])];
  return initial.every((option) => known.has(option.value));
};
const STRANGER = "initial_option(s) must exactly match one of the provided options";
const oneList = (element: { options?: unknown; option_groups?: unknown }) =>
  (element.options === undefined) !== (element.option_groups === undefined);
const ONE_LIST = "must define either `options` or `option_groups`";
const lists = {
  options: z.array(PlainOption).min(1).max(100).optional(),
  option_groups: z.array(OptionGroup).min(1).max(100).optional(),
};

const StaticSelect = z
  .strictObject({
    type: z.literal("static_select"),
    ...common,
    ...placeholder,
    ...lists,
    initial_option: PlainOption.optional(),
  })
  .refine(oneList, ONE_LIST)
  .refine(chosenAmong, STRANGER);

const MultiStaticSelect = z
  .strictObject({
    type: z.literal("multi_static_select"),
    ...common,
    ...placeholder,
    ...maxItems,
    ...lists,
    initial_options: z.array(PlainOption).min(1).max(100).optional(),
  })
  .refine(oneList, ONE_LIST)
  .refine(chosenAmong, STRANGER);

const external = { ...common, ...placeholder, min_query_length: z.number().int().min(0).optional() };

const ExternalSelect = z.strictObject({
  type: z.literal("external_select"),
  ...external,
  initial_option: PlainOption.optional(),
});

const MultiExternalSelect = z.strictObject({
  type: z.literal("multi_external_select"),
  ...external,
  ...maxItems,
  initial_options: z.array(PlainOption).min(1).max(100).optional(),
});

const pick = <T extends string, I extends string>(type: T, initial: I) =>
  z.strictObject({ type: z.literal(type), ...common, ...placeholder, [initial]: z.string().optional() });

const pickMany = <T extends string, I extends string>(type: T, initial: I) =>
  z.strictObject({
    type: z.literal(type),
    ...common,
    ...placeholder,
    ...maxItems,
    [initial]: z.array(z.string()).optional(),
  });

const conversations = {
  default_to_current_conversation: z.boolean().optional(),
  filter: z
    .strictObject({
      include: z
        .array(z.enum(["im", "mpim", "private", "public"]))
        .min(1)
        .optional(),
      exclude_external_shared_channels: z.boolean().optional(),
      exclude_bot_users: z.boolean().optional(),
    })
    .optional(),
};
const respondable = { response_url_enabled: z.boolean().optional() };

const Checkboxes = z
  .strictObject({
    type: z.literal("checkboxes"),
    ...common,
    options: z.array(MarkedOption).min(1).max(10),
    initial_options: z.array(MarkedOption).min(1).max(10).optional(),
  })
  .refine(chosenAmong, STRANGER);

const RadioButtons = z
  .strictObject({
    type: z.literal("radio_buttons"),
    ...common,
    options: z.array(MarkedOption).min(1).max(10),
    initial_option: MarkedOption.optional(),
  })
  .refine(chosenAmong, STRANGER);

const Overflow = z.strictObject({
  type: z.literal("overflow"),
  ...actionable,
  ...confirmable,
  options: z.array(MenuOption).min(1).max(5),
});

const Datepicker = z.strictObject({
  type: z.literal("datepicker"),
  ...common,
  ...placeholder,
  initial_date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "must match the format YYYY-MM-DD")
    .optional(),
});

const dispatch = {
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z.array(z.enum(["on_enter_pressed", "on_character_entered"])).min(1),
    })
    .optional(),
};

const PlainTextInput = z.strictObject({
  type: z.literal("plain_text_input"),
  ...actionable,
  ...focusable,
  ...placeholder,
  ...dispatch,
  multiline: z.boolean().optional(),
  initial_value: z.string().max(3_000).optional(),
  min_length: z.number().int().min(0).max(3_000).optional(),
  max_length: z.number().int().min(1).max(3_000).optional(),
});

const NumberInput = z.strictObject({
  type: z.literal("number_input"),
  ...actionable,
  ...focusable,
  ...placeholder,
  ...dispatch,
  is_decimal_allowed: z.boolean(),
  initial_value: z.string().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
});

const lineInput = <T extends string>(type: T) =>
  z.strictObject({
    type: z.literal(type),
    ...actionable,
    ...focusable,
    ...placeholder,
    ...dispatch,
    initial_value: z.string().optional(),
  });

const RichTextInput = z.strictObject({
  type: z.literal("rich_text_input"),
  ...actionable,
  ...focusable,
  ...placeholder,
  ...dispatch,
  initial_value: RichText.optional(),
  min_lines: z.number().int().min(1).max(100).optional(),
  max_lines: z.number().int().min(1).max(100).optional(),
});

/** https://docs.slack.dev/reference/block-kit/block-elements/file-input-element */
const FileInput = z.strictObject({
  type: z.literal("file_input"),
  ...actionable,
  filetypes: z.array(z.string()).optional(),
  max_files: z.number().int().min(1).max(10).optional(),
});

const choices = [
  StaticSelect,
  MultiStaticSelect,
  ExternalSelect,
  MultiExternalSelect,
  pick("users_select", "initial_user"),
  pickMany("multi_users_select", "initial_users"),
  pick("conversations_select", "initial_conversation").extend({ ...conversations, ...respondable }),
  pickMany("multi_conversations_select", "initial_conversations").extend(conversations),
  pick("channels_select", "initial_channel").extend(respondable),
  pickMany("multi_channels_select", "initial_channels"),
  Checkboxes,
  RadioButtons,
  Datepicker,
] as const;

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
