import { z } from "zod";

/** https://docs.slack.dev/reference/block-kit/composition-objects: text is 1 to 3,000 characters unless a field says less. */
const MAX_TEXT = 3_000;

export const chars = (max: number) => z.string().min(1).max(max);

/** Slack measures what it stores, and that is escaped. */
export const stored = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").length;

/** Text that people see as it is, measured as Slack does. */
export const shownChars = (max: number) =>
  z
    .string()
    .min(1)
    .check(({ value, issues }) => {
      if (stored(value) > max)
        issues.push({ code: "too_big", origin: "string", maximum: max, inclusive: true, input: value });
    });
export const Id = chars(255);
export const LinkUrl = chars(3_000).regex(/^(https?|mailto|slack):/, "invalid url");

export const plainTextObject = (max = MAX_TEXT) =>
  z.strictObject({ type: z.literal("plain_text"), text: shownChars(max), emoji: z.boolean().optional() });

export const mrkdwnText = (max = MAX_TEXT) =>
  z.strictObject({ type: z.literal("mrkdwn"), text: chars(max), verbatim: z.boolean().optional() });

export const anyTextObject = (max = MAX_TEXT) => z.discriminatedUnion("type", [plainTextObject(max), mrkdwnText(max)]);

export const Confirm = z.strictObject({
  title: plainTextObject(100),
  text: anyTextObject(300),
  confirm: plainTextObject(30),
  deny: plainTextObject(30),
  style: z.enum(["primary", "danger"]).optional(),
});

const option = (text: ReturnType<typeof plainTextObject> | ReturnType<typeof anyTextObject>) =>
  z.strictObject({ text, value: chars(150), description: plainTextObject(75).optional() });

/** Select menus and overflow take plain text; checkboxes and radio buttons take mrkdwn too. */
export const PlainOption = option(plainTextObject(75));
export const MenuOption = PlainOption.extend({ url: LinkUrl.optional() });
export const MarkedOption = option(anyTextObject(75)).extend({ description: anyTextObject(75).optional() });

export const OptionGroup = z.strictObject({
  label: plainTextObject(75),
  options: z.array(PlainOption).min(1).max(100),
});
