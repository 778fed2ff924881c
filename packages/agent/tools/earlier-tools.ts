import type { ContentBlock } from "../../conversation/conversation.ts";
import type { Tool } from "./tool.ts";

/** A tool as an earlier release offered it: what it is called today, and how its input reads today. */
export type Earlier = { name: string; input?(input: Record<string, unknown>): Record<string, unknown> };

/**
 * A conversation keeps the tools that it began with, over releases, and calls them in their words. Renaming a tool or
 * changing what it takes needs an entry here, under the old name, for as long as such conversations may go on.
 */
const EARLIER_TOOLS: Readonly<Record<string, Earlier>> = {
  /** It knew two outcomes, and nothing that could be missing. */
  report_verdict: {
    name: "report_verdict",
    input: ({ wereChangesNecessary: changed, ...rest }) =>
      typeof changed === "boolean" ? { outcome: changed ? "changed" : "not-needed", missing: "", ...rest } : rest,
  },
};

/** Today's tool for a call, with the input in its words. What today's tool takes as it is, is left as it is. */
export function toolFor(
  { name, input }: ContentBlock,
  tools: readonly Tool[],
  earlier: Readonly<Record<string, Earlier>> = EARLIER_TOOLS,
): { tool: Tool | undefined; input: unknown } {
  const sameName = tools.find((tool) => tool.name === name);
  if (sameName?.schema.safeParse(input).success) return { tool: sameName, input };
  const was = Object.hasOwn(earlier, String(name)) ? earlier[String(name)] : undefined;
  const today = was && tools.find((tool) => tool.name === was.name);
  if (!today) return { tool: sameName, input };
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  return { tool: today, input: isObject && was.input ? was.input(input as Record<string, unknown>) : input };
}
