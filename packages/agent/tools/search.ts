import { z } from "zod";
import { plural } from "../../text/counts.ts";
import type { TreeSearchResult } from "../tree.ts";
import { leftOutOf } from "./search-notes.ts";
import { cutLine, fitting, inShort, refuse, showName, spelledOut } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_MATCHES = 200;
const MAX_LINE_CHARS = 300;
const MAX_CHARS = 40_000;
const TIMEOUT_MS = 20_000;

const Input = z.object({
  pattern: z.string().min(1).max(1_000),
  regex: z.boolean().optional().describe("true: a regular expression (PCRE); default: literal text"),
  ignore_case: z.boolean().optional(),
  glob: z.string().max(500).optional().describe("only files like this, for example *.java; a path of a file or folder"),
});

export const searchTool: Tool<z.infer<typeof Input>> = {
  name: "search",
  description: "Search file contents line by line; answers path:line: text, and what was not searched.",
  schema: Input,
  kind: "looked",
  showsFiles: true,
  doing: ({ pattern }) => `searching for ${pattern}`,
  done: ({ pattern, glob }) => `searched for ${inShort(pattern)}${glob ? ` in ${glob}` : ""}`,
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
      ({ path, line, column, text, cut }) =>
        `${showName(path)}:${line}: ${cut ? `[around column ${column.toLocaleString("en")}] ` : ""}${cutLine(text.trimEnd(), MAX_LINE_CHARS)}`,
    );
    const lines = fitting(matching, MAX_CHARS);
    if (found.timedOut) lines.push(stopped(found));
    else if (found.truncated || lines.length < matching.length)
      lines.push(`[There is more than these ${lines.length}. Narrow it with a glob or a longer pattern.]`);
    else if (lines.length === 0) {
      const what = `${regex ? "the expression" : "the text"} ${pattern}`;
      lines.push(
        found.files.all === 0 && glob
          ? `No file matches ${glob}, so nothing was searched. Try a wider glob.`
          : `No match for ${what}${glob ? ` in ${glob}` : ""}; ${plural(found.files.searched, "file was", "files were")} searched.`,
      );
    }
    return [...lines, ...leftOutOf(found).map((note) => `[${note}]`)].join("\n");
  },
};

function stopped({ files, matches }: TreeSearchResult): string {
  const done = `${plural(files.searched, "file")} of ${files.all.toLocaleString("en")}`;
  return `[Stopped after ${TIMEOUT_MS / 1_000} s: ${done} were searched${matches.length === 0 ? ", without a match so far" : ""}. Narrow it with a glob or a simpler pattern.]`;
}
