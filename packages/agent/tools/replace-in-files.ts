import { z } from "zod";
import { textFileOf } from "../../encoding/text-file.ts";
import { plural } from "../../text/counts.ts";
import { TreeError, type TreeFileChange } from "../tree.ts";
import { applyEdit } from "./edit/apply-edit.ts";
import type { TextRange } from "./edit/find-text.ts";
import { afterChange } from "./said.ts";
import { leftOutOf } from "./search-notes.ts";
import { fitting, inShort, refuse, showName, spelledOut } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_FILES = 2_000;
const TIMEOUT_MS = 20_000;
const MAX_CHARS = 8_000;

const Input = z.object({
  old_text: z.string().min(1).max(10_000).describe("exact text, as in a file"),
  new_text: z.string().max(10_000),
  glob: z.string().max(500).optional().describe("only files like this, for example *.java; a path of a file or folder"),
  whole_words: z.boolean().optional().describe("true: only where no letter, digit or _ stands next to it"),
});

export const replaceInFilesTool: Tool<z.infer<typeof Input>> = {
  name: "replace_in_files",
  description:
    "Make the same replacement in every file that has the text, all of them or none. Search first: it changes every place.",
  schema: Input,
  kind: "changed",
  doing: ({ old_text }) => `replacing ${inShort(old_text)} everywhere`,
  done: ({ old_text, glob }) => `replaced ${inShort(old_text)} everywhere${glob ? ` in ${glob}` : ""}`,
  async run({ old_text, new_text, glob, whole_words = false }, { tree }) {
    if (old_text === new_text) refuse("old_text and new_text are the same, so nothing would change.");
    const pattern = old_text.split(/\r?\n/).toSorted((a, b) => b.length - a.length)[0]!;
    if (pattern === "") refuse("old_text is line ends alone, which every file has. Give the text of a line too.");
    const found = await tree.search({
      pattern,
      literal: true,
      ignoreCase: false,
      globs: glob ? spelledOut(glob) : [],
      maxMatches: MAX_FILES + 1,
      onePerFile: true,
      timeoutMs: TIMEOUT_MS,
    });
    if (found.timedOut || found.truncated)
      refuse(
        `More than ${MAX_FILES.toLocaleString("en")} files, or more than can be searched in ${TIMEOUT_MS / 1_000} s, have it; nothing was changed. Narrow it with a glob.`,
      );
    const counts = whole_words ? standsAlone : () => true;
    const changes: TreeFileChange[] = [];
    const done: string[] = [];
    let total = 0;
    for (const { path } of found.matches) {
      const file = textFileOf(await tree.read(path));
      if (!file) continue;
      const edited = orNone(() => applyEdit(path, file, { old_text, new_text, replace_all: true }, counts));
      if (!edited) continue;
      changes.push({ kind: "write", path, bytes: edited.file.bytes });
      done.push([`${showName(path)}: ${edited.lines.length}`, ...edited.notes].join(". "));
      total += edited.lines.length;
    }
    if (changes.length === 0)
      refuse(`old_text is in no file that was searched; nothing was changed. ${leftOutOf(found).join(" ")}`.trim());
    const changed = await tree.change(changes);
    const named = fitting(done, MAX_CHARS);
    const more = done.length > named.length ? [`[and ${done.length - named.length} more files]`] : [];
    const left = leftOutOf(found).map((note) => `[${note}]`);
    return [
      `Replaced ${plural(total, "place")} in ${plural(changes.length, "file")}.${afterChange(changed)}`,
      ...named,
      ...more,
      ...left,
    ].join("\n");
  },
};

const standsAlone = (text: string, { from, to }: TextRange) =>
  !/[\p{L}\p{M}\p{N}_]$/u.test(text.slice(Math.max(0, from - 2), from)) &&
  !/^[\p{L}\p{M}\p{N}_]/u.test(text.slice(to, to + 2));

function orNone<T>(edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    if (error instanceof TreeError)
      refuse(`${error.message} No file was changed: leave this one out with a glob, or edit it alone.`);
    throw error;
  }
}
