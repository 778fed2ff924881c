import { Buffer } from "node:buffer";
import { z } from "zod";
import { nearestLines } from "./nearest-lines.ts";
import { decode, isBinary, refuse, showName } from "./text.ts";
import { type Tool, withRemarks } from "./tool.ts";

const Input = z.object({
  path: z.string().min(1).max(1_000),
  old_text: z.string().max(100_000).describe("exact text as in the file, without line numbers; must occur once"),
  new_text: z.string().max(200_000).describe("what replaces it; empty deletes it"),
});

export const editFile: Tool<z.infer<typeof Input>> = {
  name: "edit_file",
  description: "Replace one exact, unique piece of text in a file. Every other byte stays as it is.",
  schema: Input,
  activity: ({ path }) => `editing ${path}`,
  async run({ path, old_text, new_text }, { tree }) {
    if (old_text === "") refuse("old_text is empty. Give the text to replace, or use write_file for a new file.");
    if (old_text === new_text)
      refuse("old_text and new_text are the same, so nothing would change. Give the text as it should be in new_text.");
    const bytes = Buffer.from(await tree.read(path));
    if (isBinary(bytes)) refuse(`${showName(path)} is a binary file; edit_file works on text.`);
    const { at, old, replacement } = place(path, bytes, old_text, new_text);
    await tree.write(path, Buffer.concat([bytes.subarray(0, at), replacement, bytes.subarray(at + old.length)]));
    const line = lineAt(bytes, at);
    return withRemarks(`Edited ${showName(path)} at line ${line}.`, tree, [path]);
  },
};

/** Works on bytes, so an odd encoding or a missing last newline survives. A CRLF file is matched with CRLF. */
function place(path: string, bytes: Buffer, oldText: string, newText: string) {
  const forms = [[oldText, newText]];
  if (bytes.includes("\r\n") && !oldText.includes("\r")) {
    forms.push([oldText.replaceAll("\n", "\r\n"), newText.replaceAll(/\r?\n/g, "\r\n")]);
  }
  for (const [old, replacement] of forms.map((form) => form.map((text) => Buffer.from(text)) as [Buffer, Buffer])) {
    const found = occurrences(bytes, old);
    if (found.length === 1) {
      const crlf = bytes.includes("\r\n") && !replacement.includes("\r");
      return {
        at: found[0]!,
        old,
        replacement: crlf ? Buffer.from(newText.replaceAll(/\r?\n/g, "\r\n")) : replacement,
      };
    }
    if (found.length > 1) {
      const lines = found.slice(0, 10).map((at) => lineAt(bytes, at));
      refuse(
        `old_text occurs ${found.length} times in ${showName(path)}, at lines ${lines.join(", ")}. Add lines around it until it is unique.`,
      );
    }
  }
  const near = nearestLines(decode(bytes), oldText);
  return refuse(
    `old_text is not in ${showName(path)}; nothing was changed. ${near ? `The nearest lines are:\n${near}\nCopy` : "Read the file, then copy"} the text exactly, with its indentation and without line numbers.`,
  );
}

function occurrences(bytes: Buffer, part: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(part); at !== -1; at = bytes.indexOf(part, at + 1)) found.push(at);
  return found;
}

const lineAt = (bytes: Buffer, at: number) => bytes.subarray(0, at).toString("latin1").split("\n").length;
