import { z } from "zod";
import { showName } from "./text.ts";
import type { Tool } from "./tool.ts";

const Input = z.object({ path: z.string().min(1).max(1_000) });

export const deleteFile: Tool<z.infer<typeof Input>> = {
  name: "delete_file",
  description: "Delete a file or a folder with all that is in it.",
  schema: Input,
  activity: ({ path }) => `deleting ${path}`,
  async run({ path }, { tree }) {
    await tree.remove(path);
    return `Deleted ${showName(path)}.`;
  },
};
