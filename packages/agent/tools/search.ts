import { z } from "zod";
import { anywhere, cutLine, fitting, refuse, showName, spelledOut } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_MATCHES = 200;
const MAX_LINE_CHARS = 300;
const MAX_CHARS = 40_000;
const TIMEOUT_MS = 20_000;

const Input = z.object({
  pattern: z.string().min(1).max(1_000),
  regex: z.boolean().optional().describe("true: POSIX extended regular expression; default: literal text"),
  ignore_case: z.boolean().optional(),
  glob: z.string().max(500).optional().describe("only files like this, for example *.java"),
});

export const search: Tool<z.infer<typeof Input>> = {
  name: "search",
  description: "Search file contents line by line; answers path:line: text.",
  schema: Input,
  activity: ({ pattern }) => `searching for ${pattern}`,
  async run({ pattern, regex = false, ignore_case = false, glob }, { tree }) {
    if (pattern.includes("\n"))
      refuse("A pattern cannot hold a line break: search works line by line. Search for one of its lines.");
    const found = await tree.search({
      pattern,
      literal: !regex,
      ignoreCase: ignore_case,
      globs: glob ? spelledOut(glob) : [],
      maxMatches: MAX_MATCHES,
      timeoutMs: TIMEOUT_MS,
    });
    const matching = found.matches.map(
      ({ path, line, text }) => `${showName(path)}:${line}: ${cutLine(text.trimEnd(), MAX_LINE_CHARS)}`,
    );
    const lines = fitting(matching, MAX_CHARS);
    if (found.timedOut)
      lines.push(`[Stopped after ${TIMEOUT_MS / 1_000} s. Narrow it with a glob or a simpler pattern.]`);
    else if (found.truncated || lines.length < matching.length)
      lines.push(`[There is more than these ${lines.length}. Narrow it with a glob or a longer pattern.]`);
    else if (lines.length === 0) {
      lines.push(
        `No match for ${regex ? "the expression" : "the text"} ${pattern}${glob ? ` in ${anywhere(glob)}` : ""}.`,
      );
    }
    return lines.join("\n");
  },
};
