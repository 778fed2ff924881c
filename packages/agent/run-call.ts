import { placeholderRefusal } from "./placeholders.ts";
import { shownTree } from "./shown-tree.ts";
import { runTool, type Tool, type ToolContext, type ToolResult } from "./tools/tool.ts";

/** One call of a tool: it shows no secret and writes no placeholder. */
export async function runCall(
  { tree, redact }: Pick<ToolContext, "tree" | "redact">,
  tool: Tool,
  input: unknown,
  signal: AbortSignal | undefined,
): Promise<ToolResult> {
  const refused = await placeholderRefusal(input, tree);
  if (refused) return { text: refused, isError: true };
  return runTool(tool, input, {
    tree: redact && tool.showsFiles ? shownTree(tree, redact) : tree,
    ...(redact && { redact }),
    ...(signal && { signal }),
  });
}
