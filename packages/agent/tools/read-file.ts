import { z } from "zod";
import { hasLoneReturns } from "../../encoding/lines.ts";
import { plural } from "../../text/counts.ts";
import { textFileAs } from "./edit/apply-edit.ts";
import { notesOn } from "./read-notes.ts";
import { encodingNamedIn } from "./said.ts";
import { columns, refuse, showName } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_LINES = 1_000;
const MAX_CHARS = 40_000;
const MAX_LINE_CHARS = 2_000;
/** Most columns given of a line whose columns were asked for. */
const MAX_COLUMNS = 10_000;

const Input = z.object({
  path: z.string().min(1).max(1_000),
  from_line: z.int().min(1).optional().describe("first line, default 1"),
  to_line: z.int().min(1).optional().describe("last line"),
  from_column: z.int().min(1).optional().describe("for long lines: show each from this column on"),
  encoding: encodingNamedIn,
});

export const readFileTool: Tool<z.infer<typeof Input>> = {
  name: "read_file",
  description: `Read a text file as numbered lines, at most ${MAX_LINES} at once; ask for a range to go on.`,
  schema: Input,
  kind: "looked",
  showsFiles: true,
  doing: ({ path }) => `reading ${path}`,
  done: ({ path, from_line, to_line }) => `read ${path}${rangeWords(from_line, to_line)}`,
  pathOf: ({ path }) => path,
  async run({ path, from_line = 1, to_line, from_column, encoding }, { tree }) {
    const bytes = await tree.read(path);
    const file = textFileAs(path, bytes, encoding);
    if (!file)
      return `${showName(path)} is a binary file of ${plural(bytes.length, "byte")}; its content is not shown.`;
    if (file.text === "") return `${showName(path)} is empty.`;
    const lines = linesOf(file.text);
    if (from_line > lines.length)
      refuse(`${showName(path)} has ${plural(lines.length, "line")}; ask for a range within it.`);
    if (to_line !== undefined && to_line < from_line)
      refuse(`to_line ${to_line} is before from_line ${from_line}; swap them.`);
    const end = Math.min(to_line ?? lines.length, lines.length);
    const shown = numbered(lines, from_line, end, from_column);
    const last = from_line + shown.length - 1;
    const notes = [
      ...notesOn(file),
      ...(last < end ? [`Lines ${last + 1} to ${lines.length} are not shown; go on with from_line ${last + 1}.`] : []),
    ];
    return [...shown, ...notes.map((note) => `[${note}]`)].join("\n");
  },
};

function linesOf(text: string): string[] {
  const lines = text.split(hasLoneReturns(text) ? "\r" : "\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.replace(/\r$/, ""));
}

function numbered(lines: string[], from: number, to: number, column?: number): string[] {
  const shown: string[] = [];
  let chars = 0;
  for (let line = from; line <= to && shown.length < MAX_LINES; line++) {
    const max = column === undefined ? MAX_LINE_CHARS : MAX_COLUMNS;
    const text = `${String(line).padStart(5)}\t${columns(lines[line - 1]!, column ?? 1, max)}`;
    chars += text.length + 1;
    if (chars > MAX_CHARS && shown.length > 0) break;
    shown.push(text);
  }
  return shown;
}

function rangeWords(from: number | undefined, to: number | undefined): string {
  if (from !== undefined && to !== undefined) return `, lines ${from} to ${to}`;
  if (from !== undefined) return ` from line ${from}`;
  return to === undefined ? "" : ` to line ${to}`;
}
