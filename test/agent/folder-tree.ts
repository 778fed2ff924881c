import { noCommands, probeSandbox } from "../../packages/sandbox/probe.ts";
import { createTree, type WorkspaceTree } from "../../packages/work/tree.ts";
import { makeOrigin } from "../workspace/origin.ts";
import { cloneOf } from "../workspace/patch-journey.ts";

export type FolderTree = WorkspaceTree & { folder: string; baseCommit: string };

/** What the runner gives its agent: a clone of a repository with these files. No sandbox, for a test's own words only. */
export async function folderTree(
  files: Record<string, string | Uint8Array>,
  options: { commands?: boolean } = {},
): Promise<FolderTree> {
  const sandbox = options.commands ? await probeSandbox({ unsafe: true, modes: ["unsafe"] }) : noCommands();
  const workspace = await cloneOf(await makeOrigin(files), { sandbox });
  return { ...createTree(workspace), folder: workspace.tree, baseCommit: workspace.baseCommit };
}
