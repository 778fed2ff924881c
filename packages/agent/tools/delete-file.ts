import { z } from "zod";
import { plural } from "../../text/counts.ts";
import { andMore } from "../../text/lists.ts";
import { afterChange } from "./said.ts";
import { showName } from "./text.ts";
import type { Tool } from "./tool.ts";

const MAX_PATHS = 1_000;

const Input = z.preprocess(
  fromOnePath,
  z.object({ paths: z.array(z.string().min(1).max(1_000)).min(1).max(MAX_PATHS).describe("all of them or none") }),
);

export const deleteFileTool: Tool<z.infer<typeof Input>> = {
  name: "delete_file",
  description: "Delete files, links, or folders with all that is in them.",
  schema: Input,
  kind: "changed",
  doing: ({ paths }) => `deleting ${paths[0]}${andMore(paths.length)}`,
  done: ({ paths }) => `deleted ${paths[0]}${andMore(paths.length)}`,
  pathOf: ({ paths }) => paths[0]!,
  async run({ paths }, { tree }) {
    const changed = await tree.change([...new Set(paths)].map((path) => ({ kind: "remove", path })));
    const what =
      paths.length === 1 ? showName(paths[0]!) : `${plural(paths.length, "path")}: ${paths.map(showName).join(", ")}`;
    return `Deleted ${what}.${afterChange(changed)}`;
  },
};

/** Conversations of earlier releases hold one path a call. */
function fromOnePath(input: unknown): unknown {
  if (typeof input !== "object" || input === null || "paths" in input || !("path" in input)) return input;
  const { path, ...rest } = input as Record<string, unknown>;
  return { ...rest, paths: [path] };
}
