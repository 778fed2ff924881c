import { z } from "zod";
import { refuse, showName } from "./text.ts";
import { type Tool, withRemarks } from "./tool.ts";

const Input = z.object({ from: z.string().min(1).max(1_000), to: z.string().min(1).max(1_000) });

export const moveFile: Tool<z.infer<typeof Input>> = {
  name: "move_file",
  description: "Move or rename a file or folder; the target must not exist.",
  schema: Input,
  activity: ({ from }) => `moving ${from}`,
  async run({ from, to }, { tree }) {
    if (from === to) refuse("from and to are the same path. Name another target, or leave the file where it is.");
    await tree.move(from, to);
    return withRemarks(`Moved ${showName(from)} to ${showName(to)}.`, tree, [to]);
  },
};
