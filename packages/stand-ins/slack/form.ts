import { elementsOf } from "./blocks/identity.ts";
import type { Block } from "./workspace.ts";

export type Option = {
  text: { type: string; text: string };
  value: string;
  description?: { text: string } | undefined;
};
export type Element = ReturnType<typeof elementsOf>[number];
/** One entry of `view.state.values[block_id][action_id]`. */
type StateValue = { type: string; [key: string]: unknown };
export type FormValues = Record<string, Record<string, StateValue>>;

const TEXT_INPUTS = ["plain_text_input", "number_input", "email_text_input", "url_text_input"];
const STATELESS = ["button", "overflow", "image"];

/** The property that holds what a person chose, by the element's type. */
export function answerKey(type: string): string {
  if (TEXT_INPUTS.includes(type)) return "value";
  if (type === "file_input") return "files";
  if (type === "rich_text_input") return "rich_text_value";
  if (type === "datepicker") return "selected_date";
  if (type === "checkboxes") return "selected_options";
  if (type === "radio_buttons") return "selected_option";
  const [, many, what] = /^(multi_)?(static|external|users|conversations|channels)_select$/.exec(type) ?? [];
  const noun = {
    static: "option",
    external: "option",
    users: "user",
    conversations: "conversation",
    channels: "channel",
  };
  return `selected_${noun[what as keyof typeof noun]}${many ? "s" : ""}`;
}

const initialKey = (type: string) =>
  answerKey(type)
    .replace(/^selected_/, "initial_")
    .replace(/^(rich_text_)?value$/, "initial_value");

const isMany = (type: string) => type === "checkboxes" || type === "file_input" || type.startsWith("multi_");

/** The state of a freshly opened view; `before` keeps what a person already typed when an update leaves the field. */
export function initialValues(blocks: Block[], before: FormValues = {}): FormValues {
  const values: FormValues = {};
  for (const block of blocks)
    for (const element of elementsOf(block)) {
      if (STATELESS.includes(element.type) || !element.action_id || !block.block_id) continue;
      const kept = before[block.block_id]?.[element.action_id];
      values[block.block_id] = {
        ...values[block.block_id],
        [element.action_id]: kept?.type === element.type ? kept : freshValue(element),
      };
    }
  return values;
}

function freshValue(element: Element): StateValue {
  const initial = element[initialKey(element.type)];
  return { type: element.type, [answerKey(element.type)]: initial ?? (isMany(element.type) ? [] : null) };
}

/** What Slack's client itself refuses on submit, by block id; the app hears nothing then. */
export function checkForm(blocks: Block[], values: FormValues): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of blocks.filter(({ type }) => type === "input")) {
    const element = block.element as Element;
    const answer = values[block.block_id!]?.[element.action_id!]?.[answerKey(element.type)];
    const error = isEmpty(answer)
      ? !block.optional && "Please complete this required field."
      : typeof answer === "string" && checkText(element, answer);
    if (error) errors[block.block_id!] = error;
  }
  return errors;
}

const isEmpty = (answer: unknown) =>
  answer === null || answer === undefined || answer === "" || (Array.isArray(answer) && answer.length === 0);

function checkText(element: Element, text: string): string | false {
  const { min_length: min, max_length: max } = element as { min_length?: number; max_length?: number };
  if (min !== undefined && text.length < min) return `Please enter at least ${min} characters.`;
  if (max !== undefined && text.length > max) return `Must be less than ${max + 1} characters.`;
  if (element.type === "number_input") return checkNumber(element, text);
  if (element.type === "email_text_input" && !/^\S+@\S+\.\S+$/.test(text)) return "Please enter a valid email address.";
  if (element.type === "url_text_input" && !URL.canParse(text)) return "Please enter a valid URL.";
  return false;
}

function checkNumber(element: Element, text: string): string | false {
  const { min_value: min, max_value: max, is_decimal_allowed: decimal } = element as Record<string, string | undefined>;
  const number = Number(text);
  if (Number.isNaN(number) || (!decimal && !Number.isInteger(number))) return "Please enter a valid number.";
  if (min !== undefined && number < Number(min)) return `Must be at least ${min}.`;
  if (max !== undefined && number > Number(max)) return `Must be at most ${max}.`;
  return false;
}
