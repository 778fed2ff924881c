import { dirname } from "node:path";
import { GitFailed } from "./git-failed.ts";
import type { Workspace } from "./workspace.ts";

/**
 * git runs the filters that a nested repository's own config names, so no `.git` may stay in the tree: not as a folder,
 * a file or a link, at no depth. One at the top is only removed (a command wanted to use git). One below, outside
 * ignored folders, would have become a submodule: it is removed and remembered, and the patch is refused.
 */
export async function removeNestedRepositories(workspace: Workspace): Promise<void> {
  if (!workspace.suspect) return;
  const { walls } = workspace;
  const found = await walls.program(workspace, [
    ...["find", ".", "-mindepth", "1", "-name", ".git", "-prune", "-print0"],
    ...["-exec", "rm", "-rf", "--", "{}", "+"],
  ]);
  workspace.suspect = false;
  const folders = split(found)
    .map((path) => dirname(path).slice("./".length))
    .filter((folder) => folder !== "");
  if (folders.length === 0) return;
  const ignored = new Set(await ignoredAmong(workspace, folders));
  for (const folder of folders) if (!ignored.has(folder)) workspace.nestedRepositories.add(folder);
}

async function ignoredAmong(workspace: Workspace, paths: readonly string[]): Promise<string[]> {
  try {
    const stdin = Buffer.from(`${paths.join("\0")}\0`);
    return split(await workspace.walls.git(workspace, ["check-ignore", "-z", "--stdin"], { stdin }));
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return []; // None of them is.
    throw error;
  }
}

const split = (listing: Buffer) => listing.toString("utf8").split("\0").filter(Boolean);
