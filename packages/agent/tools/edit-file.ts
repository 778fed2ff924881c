import { z } from "zod";
import type { TextFile } from "../../encoding/text-file.ts";
import { plural } from "../../text/counts.ts";
import { someListed } from "../../text/lists.ts";
import { TreeError } from "../tree.ts";
import { applyEdit, notThere, textFileAs } from "./edit/apply-edit.ts";
import { afterChange, encodingNamedIn } from "./said.ts";
import { refuse, showName } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_LINES_NAMED = 20;

const OneEdit = z.object({
  old_text: z.string().max(100_000).describe("exact text as in the file, without line numbers; must occur once"),
  new_text: z.string().max(200_000).describe("what replaces it; empty deletes it"),
  replace_all: z.boolean().optional().describe("true: every place where it occurs"),
});

const Input = z.preprocess(
  fromOneEdit,
  z.object({
    path: z.string().min(1).max(1_000),
    edits: z.array(OneEdit).min(1).max(200).describe("made in order; all of them or none"),
    encoding: encodingNamedIn,
  }),
);

export const editFileTool: Tool<z.infer<typeof Input>> = {
  name: "edit_file",
  description:
    "Replace exact pieces of text in a file, in one call for all of a file's edits. Everything else, line ends included, stays as it is.",
  schema: Input,
  kind: "changed",
  doing: ({ path }) => `editing ${path}`,
  done: ({ path }) => `edited ${path}`,
  pathOf: ({ path }) => path,
  async run({ path, edits, encoding }, { tree, redact = (text) => text }) {
    const before =
      textFileAs(path, await tree.read(path), encoding) ??
      refuse(`${showName(path)} is a binary file; edit_file works on text.`);
    let file: TextFile = before;
    const lines: number[] = [];
    const notes: string[] = [];
    for (const [i, wanted] of edits.entries()) {
      const { text } = file;
      const edited = await inTurn(
        i,
        edits.length,
        async () => applyEdit(path, file, wanted) ?? refuse(notThere(path, await redact(text), wanted.old_text)),
      );
      file = edited.file;
      lines.push(...edited.lines);
      notes.push(...edited.notes);
    }
    if (file.bytes.equals(before.bytes)) refuse(nothingWouldChange(path));
    const changed = await tree.change([{ kind: "write", path, bytes: file.bytes }]);
    return `Edited ${showName(path)} ${where(lines)}.${afterChange(changed, notes)}`;
  },
};

/** Conversations of earlier releases hold one edit a call. */
function fromOneEdit(input: unknown): unknown {
  if (typeof input !== "object" || input === null || "edits" in input || !("old_text" in input)) return input;
  const { old_text, new_text, replace_all, ...rest } = input as Record<string, unknown>;
  return { ...rest, edits: [{ old_text, new_text, ...(replace_all !== undefined && { replace_all }) }] };
}

async function inTurn<T>(i: number, of: number, edit: () => Promise<T>): Promise<T> {
  try {
    return await edit();
  } catch (error) {
    if (of > 1 && error instanceof TreeError)
      refuse(`Edit ${i + 1} of ${of} cannot be made, so none was. ${error.message}`);
    throw error;
  }
}

const nothingWouldChange = (path: string) =>
  `Nothing would change in ${showName(path)}: old and new text differ in line ends alone, and edit_file keeps those of the file. To change line ends use write_file with line_ends.`;

function where(lines: number[]): string {
  const different = [...new Set(lines)];
  const named = someListed(different.map(String), MAX_LINES_NAMED);
  if (lines.length === 1) return `at line ${named}`;
  return `in ${plural(lines.length, "place")}, at line${different.length === 1 ? "" : "s"} ${named}`;
}
