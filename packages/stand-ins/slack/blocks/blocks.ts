import { z } from "zod";
import { Accessory, ActionElement, Image, InputElement } from "./elements.ts";
import { RichText, TaskText } from "./rich-text.ts";
import { anyTextObject, chars, Id, LinkUrl, mrkdwnText, plainTextObject, shownChars } from "./text.ts";

/** https://docs.slack.dev/reference/block-kit/blocks: every block that Cody may use; the others are refused as unsupported. */
const block = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), block_id: Id.optional(), ...shape });

const Section = block("section", {
  text: anyTextObject().optional(),
  fields: z.array(anyTextObject(2_000)).min(1).max(10).optional(),
  accessory: Accessory.optional(),
  expand: z.boolean().optional(),
}).refine((section) => section.text ?? section.fields, "must define either `text` or `fields`");

const Input = block("input", {
  label: plainTextObject(2_000),
  element: InputElement,
  hint: plainTextObject(2_000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
});

const everywhere = [
  Section,
  Input,
  block("header", { text: plainTextObject(150) }),
  block("divider", {}),
  block("context", {
    elements: z
      .array(z.discriminatedUnion("type", [plainTextObject(), mrkdwnText(), Image]))
      .min(1)
      .max(10),
  }),
  block("actions", { elements: z.array(ActionElement).min(1).max(25) }),
  block("image", { image_url: LinkUrl, alt_text: chars(2_000), title: plainTextObject(2_000).optional() }),
  RichText,
] as const;

/** The reference names no limit for a task's title; 256 is that of the same field in streamed chunks. */
const MAX_TASK_TITLE = 256;

const TASK_STATUS = ["pending", "in_progress", "complete", "error"] as const;

const task = {
  block_id: Id.optional(),
  task_id: Id,
  title: shownChars(MAX_TASK_TITLE),
  details: TaskText.optional(),
  output: TaskText.optional(),
  sources: z.array(z.strictObject({ type: z.literal("url"), url: LinkUrl, text: z.string().min(1) })).optional(),
};

const Plan = block("plan", {
  title: shownChars(MAX_TASK_TITLE),
  tasks: z
    .array(z.strictObject({ ...task, type: z.literal("task_card").optional(), status: z.enum(TASK_STATUS).optional() }))
    .max(50)
    .refine((tasks) => new Set(tasks.map((t) => t.task_id)).size === tasks.length, "`task_id` must be unique")
    .optional(),
});

/** A task_card of its own is refused when pending: slackapi/java-slack-sdk#1638 found that, against the reference. */
const TaskCard = z.strictObject({
  type: z.literal("task_card"),
  ...task,
  status: z.enum(TASK_STATUS).exclude(["pending"]),
});

const Cell = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("raw_text"), text: z.string().min(1) }),
  z.strictObject({ type: z.literal("raw_number"), value: z.number(), text: z.string().min(1) }),
  RichText,
]);

const Table = block("table", {
  rows: z.array(z.array(Cell).min(1).max(20)).min(1).max(100),
  column_settings: z
    .array(
      z
        .strictObject({ align: z.enum(["left", "center", "right"]).optional(), is_wrapped: z.boolean().optional() })
        .nullable(),
    )
    .max(20)
    .optional(),
});

const Markdown = block("markdown", { text: chars(12_000) });
const Alert = block("alert", {
  text: anyTextObject(200),
  level: z.enum(["default", "info", "warning", "error", "success"]).optional(),
});

export const MessageBlock = z.discriminatedUnion("type", [...everywhere, Plan, TaskCard, Table, Markdown]);
export const ModalBlock = z.discriminatedUnion("type", [...everywhere, Alert]);
export const HomeBlock = z.discriminatedUnion("type", [...everywhere]);
