import type { z } from "zod";
import { clip } from "../packages/text/cut.ts";
import type { FieldErrors, Values } from "./listen.ts";

const MAX_NAMED_CHARS = 100;

/** All that is wrong with a value, each thing once. What is wrong with one of a list names it. */
export function problemsOf({ issues }: z.ZodError, value: unknown): string {
  const sentences = issues.map(({ path: [place], message }) =>
    typeof place === "number" && Array.isArray(value)
      ? `"${clip(String(value[place] ?? ""), MAX_NAMED_CHARS)}": ${message}`
      : message,
  );
  return [...new Set(sentences)].join(" ");
}

/** Reads what a person submitted. All errors are collected, each beside its field. An empty field is undefined. */
export function createFormReader(values: Values) {
  const errors: FieldErrors = {};
  const said = (field: string) => values[field]?.[field];
  const text = (field: string) => said(field)?.value?.trim() || undefined;
  return {
    errors,
    hasErrors: () => Object.keys(errors).length > 0,
    text,
    number: (field: string) => {
      const typed = text(field);
      return typed === undefined ? undefined : Number(typed);
    },
    chosen: (field: string) => said(field)?.selected_option?.value,
    isTicked: (field: string) => (said(field)?.selected_options?.length ?? 0) > 0 || undefined,
    /** undefined where the schema takes that, or where something is wrong. */
    read<Value>(field: string, schema: z.ZodType<Value>, value: unknown): Value | undefined {
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      errors[field] = problemsOf(result.error, value);
      return undefined;
    },
  };
}

/** Without the fields that are empty. */
export const withoutEmpty = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
