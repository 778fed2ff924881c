import { z } from "zod";
import { plural } from "../../text/counts.ts";
import { fitting, showName, spelledOut } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_FILES = 400;
const MAX_CHARS = 40_000;

const Input = z.object({
  glob: z
    .string()
    .max(500)
    .optional()
    .describe("the path of a file or folder, or a glob: **/pom.xml, src/**; without / it matches names anywhere"),
});

export const listFilesTool: Tool<z.infer<typeof Input>> = {
  name: "list_files",
  description: "List the repository's files (ignored ones left out) with their sizes in bytes.",
  schema: Input,
  kind: "looked",
  doing: ({ glob }) => (glob ? `listing ${glob}` : "listing files"),
  done: ({ glob }) => (glob ? `listed ${glob}` : "listed the files"),
  async run({ glob }, { tree }) {
    const found = await tree.list(glob ? spelledOut(glob) : []);
    if (found.length === 0) {
      return glob
        ? `No file matches ${showName(glob)}; the repository has ${plural((await tree.list()).length, "file")}. Try a wider pattern.`
        : "The repository has no files.";
    }
    const named = found
      .slice(0, MAX_FILES)
      .map((file) => `${showName(file.path)}${file.kind === "file" ? ` ${file.bytes}` : ` (${file.kind})`}`);
    const lines = fitting(named, MAX_CHARS);
    if (found.length > lines.length) lines.push(overview(found.slice(lines.length)));
    return lines.join("\n");
  },
};

/** A big repository's tail by folder, so that the next call can aim. */
function overview(rest: { path: string }[]): string {
  const folders = Object.entries(Object.groupBy(rest, ({ path }) => path.split("/")[0]!))
    .map(([folder, files]) => `${showName(folder)} ${files!.length}`)
    .slice(0, 30);
  return `[${plural(rest.length, "more file")} left out, by folder: ${folders.join(", ")}. Pass a glob to see them.]`;
}
