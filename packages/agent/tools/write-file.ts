import { Buffer } from "node:buffer";
import { z } from "zod";
import { count, showName } from "./text.ts";
import { type Tool, withRemarks } from "./tool.ts";

const MAX_CHARS = 500_000;

const Input = z.object({
  path: z.string().min(1).max(1_000),
  content: z.string().max(MAX_CHARS, `write at most ${MAX_CHARS.toLocaleString("en")} characters`),
});

export const writeFile: Tool<z.infer<typeof Input>> = {
  name: "write_file",
  description: "Create a file, or replace a whole one. For a small change use edit_file.",
  schema: Input,
  activity: ({ path }) => `writing ${path}`,
  async run({ path, content }, { tree }) {
    const bytes = Buffer.from(content);
    await tree.write(path, bytes);
    return withRemarks(`Wrote ${count(bytes.length, "byte")} to ${showName(path)}.`, tree, [path]);
  },
};
