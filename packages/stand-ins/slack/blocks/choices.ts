import { z } from "zod";
import { forChoices, withPlaceholder } from "./properties.ts";
import { MarkedOption, OptionGroup, PlainOption } from "./text.ts";

/** Elements of which a person picks: menus, check boxes, radio buttons and dates. */
const maxItems = { max_selected_items: z.number().int().min(1).optional() };

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
    ...forChoices,
    ...withPlaceholder,
    ...lists,
    initial_option: PlainOption.optional(),
  })
  .refine(oneList, ONE_LIST)
  .refine(chosenAmong, STRANGER);

const MultiStaticSelect = z
  .strictObject({
    type: z.literal("multi_static_select"),
    ...forChoices,
    ...withPlaceholder,
    ...maxItems,
    ...lists,
    initial_options: z.array(PlainOption).min(1).max(100).optional(),
  })
  .refine(oneList, ONE_LIST)
  .refine(chosenAmong, STRANGER);

const external = { ...forChoices, ...withPlaceholder, min_query_length: z.number().int().min(0).optional() };

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
  z.strictObject({ type: z.literal(type), ...forChoices, ...withPlaceholder, [initial]: z.string().optional() });

const pickMany = <T extends string, I extends string>(type: T, initial: I) =>
  z.strictObject({
    type: z.literal(type),
    ...forChoices,
    ...withPlaceholder,
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
    ...forChoices,
    options: z.array(MarkedOption).min(1).max(10),
    initial_options: z.array(MarkedOption).min(1).max(10).optional(),
  })
  .refine(chosenAmong, STRANGER);

const RadioButtons = z
  .strictObject({
    type: z.literal("radio_buttons"),
    ...forChoices,
    options: z.array(MarkedOption).min(1).max(10),
    initial_option: MarkedOption.optional(),
  })
  .refine(chosenAmong, STRANGER);

const Datepicker = z.strictObject({
  type: z.literal("datepicker"),
  ...forChoices,
  ...withPlaceholder,
  initial_date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "must match the format YYYY-MM-DD")
    .optional(),
});

export const choices = [
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
