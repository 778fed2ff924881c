import { Buffer } from "node:buffer";
import { z } from "zod";
import { encodeWhole, encodingNamed, splice, type TextFile, textFileOf } from "../../encoding/text-file.ts";
import { plural } from "../../text/counts.ts";
import { type Tree, TreeError } from "../tree.ts";
import { notInEncoding } from "./edit/apply-edit.ts";
import { replacementsAt, withLineEnds } from "./edit/replacement.ts";
import { afterChange, encodingNamedIn } from "./said.ts";
import { refuse, showName } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_CHARS = 500_000;

const Input = z.object({
  path: z.string().min(1).max(1_000),
  content: z
    .string()
    .max(MAX_CHARS, `write at most ${MAX_CHARS.toLocaleString("en")} characters`)
    .optional()
    .describe("the whole file; leave it out to change only the executable bit, or with link_to"),
  executable: z.boolean().optional().describe("sets or clears the executable bit; default: as it was"),
  link_to: z.string().min(1).max(4_000).optional().describe("makes a symbolic link to this target instead of a file"),
  line_ends: z.enum(["lf", "crlf"]).optional().describe("default: as the file has them"),
  encoding: encodingNamedIn,
});
type Input = z.infer<typeof Input>;

export const writeFileTool: Tool<Input> = {
  name: "write_file",
  description:
    "Create a file, or replace a whole one; it keeps the mode, line ends and encoding that it has. For a small change use edit_file.",
  schema: Input,
  kind: "changed",
  doing: ({ path }) => `writing ${path}`,
  done({ path, content, executable, link_to }) {
    if (link_to !== undefined) return `made ${path} a link to ${link_to}`;
    if (content === undefined && executable !== undefined) return `made ${path} ${executable ? "" : "not "}executable`;
    return `wrote ${path}`;
  },
  pathOf: ({ path }) => path,
  async run(input, { tree }) {
    const { path, content, executable, link_to } = input;
    if (link_to !== undefined) {
      if (content !== undefined || executable !== undefined)
        refuse("link_to makes a link, which has neither content nor an executable bit. Give link_to alone.");
      const changed = await tree.change([{ kind: "link", path, target: link_to }]);
      return `Made ${showName(path)} a link to ${showName(link_to)}.${afterChange(changed)}`;
    }
    if (content === undefined) {
      if (executable === undefined)
        return refuse("Give content, or executable, or link_to: there is nothing to write.");
      const changed = await tree.change([{ kind: "mode", path, executable }]);
      return `${showName(path)} is ${executable ? "executable" : "no longer executable"}.${afterChange({ ...changed, executable: [] })}`;
    }
    if (!content.isWellFormed())
      refuse("content holds half of a surrogate pair, which no file can. Send whole characters.");
    const before = await bytesBefore(tree, path);
    const { bytes, notes } = before ? over(input, content, before) : fresh(input, content);
    if (before && bytes.equals(before) && executable === undefined)
      return `${showName(path)} holds exactly this already; nothing was changed.`;
    const changed = await tree.change([
      { kind: "write", path, bytes, ...(executable !== undefined && { executable }) },
    ]);
    return `Wrote ${plural(bytes.length, "byte")} to ${showName(path)}.${afterChange(changed, notes)}`;
  },
};

/** undefined: there is no such file, or one so large that nothing of it is kept. */
async function bytesBefore(tree: Tree, path: string): Promise<Buffer | undefined> {
  try {
    return Buffer.from(await tree.read(path));
  } catch (error) {
    if (error instanceof TreeError && (error.why === "missing" || error.why === "too large")) return undefined;
    throw error;
  }
}

type Written = { bytes: Buffer; notes: string[] };

function fresh({ path, line_ends, encoding }: Input, content: string): Written {
  const text = line_ends ? withLineEnds(content, [LINE_ENDS[line_ends]]) : content;
  return { bytes: encoded(path, text, encoding), notes: [] };
}

/** Like one edit of the whole text: what stays the same keeps its bytes, and new lines end as those there did. */
function over(input: Input, content: string, before: Buffer): Written {
  const { path, line_ends, encoding } = input;
  const file = textFileOf(before);
  if (!file) return { ...fresh(input, content), notes: ["It was a binary file"] };
  const given = file.encoding.mark ? content.replace(/^\ufeff/, "") : content;
  const whole = { from: 0, to: file.text.length };
  const edit = line_ends
    ? { ...whole, text: withLineEnds(given, [LINE_ENDS[line_ends]]) }
    : replacementsAt(file.text, [whole], { newText: given, closeness: "line ends" })[0]!;
  const text = file.text.slice(0, edit.from) + edit.text + file.text.slice(edit.to);
  if (encoding !== undefined) return { bytes: encoded(path, text, encoding, before), notes: [] };
  const done = splice(file, [edit]) ?? refuse(notInEncoding(path, file, edit.text));
  return { bytes: done.bytes, notes: kept(file, text, content) };
}

function encoded(path: string, text: string, named = "utf-8", before?: Buffer): Buffer {
  const encoding =
    encodingNamed(named, before) ??
    refuse(`${named} is no encoding that can be written here. Use utf-8, utf-16le, windows-1252 or another.`);
  const bytes = encodeWhole(text, encoding) ?? refuse(notInEncoding(path, { encoding, bytes: Buffer.alloc(0) }, text));
  return Buffer.from(bytes);
}

const LINE_ENDS = { lf: "\n", crlf: "\r\n" };

/** What the file kept although the content did not show it. */
function kept({ encoding }: TextFile, text: string, content: string): string[] {
  const marked = encoding.mark ? " with its byte order mark" : "";
  return [
    ...(text.includes("\r\n") && !content.includes("\r") ? ["Its lines end in CRLF, as before"] : []),
    ...(encoding.name !== "utf-8" && encoding.name !== "unknown"
      ? [`It stays ${encoding.name}${marked}`]
      : encoding.mark
        ? ["It keeps its byte order mark"]
        : []),
  ];
}
