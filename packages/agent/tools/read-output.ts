import { z } from "zod";
import { plural } from "../../text/counts.ts";
import { cutLine, fitting, refuse } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_LINES = 400;
const MAX_CHARS = 30_000;

const Input = z.object({
  id: z.string().min(1).max(40).describe("as the answer names it"),
  from_line: z.int().min(1).optional(),
  to_line: z.int().min(1).optional(),
});

export const readOutputTool: Tool<z.infer<typeof Input>> = {
  name: "read_output",
  description: "Read lines of a command's output of which only a part was shown.",
  schema: Input,
  kind: "looked",
  needsCommands: true,
  doing: ({ id }) => `reading output ${id}`,
  done: ({ id, from_line, to_line }) =>
    `read output ${id}${from_line === undefined ? "" : ` from line ${from_line}`}${to_line === undefined ? "" : ` to line ${to_line}`}`,
  async run({ id, from_line = 1, to_line = from_line + MAX_LINES - 1 }, { tree }) {
    const whole = tree.outputs.read(id);
    if (whole === undefined)
      return refuse(
        `There is no output ${id} any more: the machine was replaced, or newer ones took its place. Run the command again.`,
      );
    const lines = whole.split("\n");
    if (from_line > lines.length)
      refuse(`Output ${id} has ${plural(lines.length, "line")}; ask for a range within it.`);
    const end = Math.min(to_line, from_line + MAX_LINES - 1, lines.length);
    const shown = fitting(
      lines.slice(from_line - 1, end).map((line) => cutLine(line)),
      MAX_CHARS,
    );
    const last = from_line + shown.length - 1;
    const more = last < lines.length ? [`[line ${last} of ${lines.length}]`] : [];
    return [...shown, ...more].join("\n");
  },
};
