import { z } from "zod";
import { someListed } from "../../text/lists.ts";
import type { Changed } from "../tree.ts";
import { showName } from "./text.ts";

export const encodingNamedIn = z
  .string()
  .max(40)
  .optional()
  .describe("only for a file that is not UTF-8 and does not say what it is: windows-1252, shift_jis, ...");

const MAX_NAMED = 5;
const MAX_REMARKS = 5;

/** What a person would want to know about what was done, behind its sentence. */
export function afterChange({ remarks, respelled, executable }: Changed, notes: readonly string[] = []): string {
  const sentences = [
    ...new Set(notes),
    ...respelled.map((path) => `The repository spells it ${showName(path)}`),
    ...(executable.length > 0
      ? [`${named(executable)} ${executable.length === 1 ? "is" : "are"} executable, as before`]
      : []),
  ];
  const more = remarks.length - MAX_REMARKS;
  return [
    ...sentences.map((sentence) => ` ${sentence}.`),
    ...remarks.slice(0, MAX_REMARKS).map((remark) => `\n${remark}`),
    ...(more > 0 ? [`\nThe same is so for ${more.toLocaleString("en")} more.`] : []),
  ].join("");
}

const named = (paths: readonly string[]) => someListed(paths.map(showName), MAX_NAMED);
