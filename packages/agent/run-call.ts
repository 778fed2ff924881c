import type { Touch } from "./nested-guidance.ts";
import { placeholderRefusal } from "./placeholders.ts";
import { shownTree } from "./shown-tree.ts";
import { runTool, type Tool, type ToolContext, type ToolResult } from "./tools/tool.ts";
import type { Tree, TreeFileChange } from "./tree.ts";

/** One call of a tool: it shows no secret and writes no placeholder. `onTouch` hears of each path that it read or changed. */
export async function runCall(
  { tree, redact, onTouch }: Pick<ToolContext, "tree" | "redact"> & { onTouch?(touch: Touch): void },
  tool: Tool,
  input: unknown,
  signal: AbortSignal | undefined,
): Promise<ToolResult> {
  const refused = await placeholderRefusal(input, tree);
  if (refused) return { text: refused, isError: true };
  return runTool(tool, input, {
    tree: touching(redact && tool.showsFiles ? shownTree(tree, redact) : tree, tool, onTouch),
    ...(redact && { redact }),
    ...(signal && { signal }),
  });
}

/** A search reads files too, by the tree itself: its matches alone bring no one into a folder. */
function touching(tree: Tree, { kind }: Tool, onTouch: ((touch: Touch) => void) | undefined): Tree {
  if (!onTouch) return tree;
  // What writes to a file reads it too, and shows none of it.
  const isRead = kind === "looked";
  return {
    ...tree,
    async read(path) {
      const bytes = await tree.read(path);
      onTouch({ path, isRead });
      return bytes;
    },
    async change(changes) {
      const changed = await tree.change(changes);
      for (const path of changes.flatMap(pathsOf)) onTouch({ path, isRead: false });
      return changed;
    },
  };
}

const pathsOf = (change: TreeFileChange) => (change.kind === "move" ? [change.from, change.to] : [change.path]);
