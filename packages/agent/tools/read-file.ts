import { z } from "zod";
import { count, cutLine, decode, isBinary, refuse, showName } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_LINES = 1_000;
const MAX_CHARS = 40_000;

const Input = z.object({
  path: z.string().min(1).max(1_000),
  from_line: z.int().min(1).optional().describe("first line, default 1"),
  to_line: z.int().min(1).optional().describe("last line"),
});

export const readFile: Tool<z.infer<typeof Input>> = {
  name: "read_file",
  description: `Read a text file as numbered lines, at most ${MAX_LINES} at once; ask for a range to go on.`,
  schema: Input,
  activity: ({ path }) => `reading ${path}`,
  async run({ path, from_line = 1, to_line }, { tree }) {
    const bytes = await tree.read(path);
    if (isBinary(bytes))
      return `${showName(path)} is a binary file of ${count(bytes.length, "byte")}; its content is not shown.`;
    if (bytes.length === 0) return `${showName(path)} is empty.`;
    const lines = decode(bytes).split("\n");
    if (lines.at(-1) === "") lines.pop();
    if (from_line > lines.length)
      refuse(`${showName(path)} has ${count(lines.length, "line")}; ask for a range within it.`);
    if (to_line !== undefined && to_line < from_line)
      refuse(`to_line ${to_line} is before from_line ${from_line}; swap them.`);
    const shown = numbered(lines, from_line, Math.min(to_line ?? lines.length, lines.length));
    const last = from_line + shown.length - 1;
    const notes = [
      bytes.includes(13) && lines.some((line) => line.endsWith("\r")) && "Lines end in CRLF; edit_file keeps them.",
      last < (to_line ?? lines.length) &&
        `Lines ${last + 1} to ${lines.length} are not shown; go on with from_line ${last + 1}.`,
    ].filter((note) => note !== false);
    return [...shown, ...notes.map((note) => `[${note}]`)].join("\n");
  },
};

function numbered(lines: string[], from: number, to: number): string[] {
  const shown: string[] = [];
  let chars = 0;
  for (let line = from; line <= to && shown.length < MAX_LINES; line++) {
    const text = `${String(line).padStart(5)}\t${cutLine(lines[line - 1]!.replace(/\r$/, ""))}`;
    chars += text.length + 1;
    if (chars > MAX_CHARS && shown.length > 0) break;
    shown.push(text);
  }
  return shown;
}
