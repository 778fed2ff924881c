import type { Action, Call } from "../../conversation/calls.ts";
import { clip } from "../../text/cut.ts";
import type { Tree } from "../tree.ts";
import { deleteFileTool } from "./delete-file.ts";
import { toolFor } from "./earlier-tools.ts";
import { editFileTool } from "./edit-file.ts";
import { listFilesTool } from "./list-files.ts";
import { moveFileTool } from "./move-file.ts";
import { readFileTool } from "./read-file.ts";
import { readOutputTool } from "./read-output.ts";
import { replaceInFilesTool } from "./replace-in-files.ts";
import { reportVerdictTool } from "./report-verdict.ts";
import { runCommandTool } from "./run-command.ts";
import { searchTool } from "./search.ts";
import { inShort } from "./text.ts";
import { runnable, type Tool } from "./tool.ts";
import { writeFileTool } from "./write-file.ts";

/** In a fixed order: the list is part of every request's prefix and must not change within a repo run. */
const TOOLS: readonly Tool[] = [
  runnable(listFilesTool),
  runnable(readFileTool),
  runnable(searchTool),
  runnable(editFileTool),
  runnable(replaceInFilesTool),
  runnable(writeFileTool),
  runnable(deleteFileTool),
  runnable(moveFileTool),
  runnable(runCommandTool),
  runnable(readOutputTool),
  runnable(reportVerdictTool),
];

export const createTools = (tree: Tree): Tool[] => TOOLS.filter(({ needsCommands }) => !needsCommands || tree.run);

const MAX_WORDS = 240;

/** A call in words, for people: in the words of today's tool, whatever release asked for it. */
export function actionOf({ name, input, result }: Call): Action {
  const { tool, input: today } = toolFor({ type: "tool_use", name, input }, TOOLS);
  const parsed = tool?.schema.safeParse(today);
  const failed = result?.isError === true || (result?.command !== undefined && result.command.exitCode !== 0);
  const inWords = (words: string) => clip(words.replaceAll("\n", " "), MAX_WORDS);
  // What the model sends need not fit the tool's schema.
  if (!tool || !parsed?.success)
    return { kind: tool?.kind ?? "other", words: inWords(`called ${name} ${inShort(JSON.stringify(input))}`), failed };
  const path = tool.pathOf?.(parsed.data);
  const words = inWords(tool.done(parsed.data, result));
  return { kind: tool.kind, words, ...(path !== undefined && { path }), failed };
}
