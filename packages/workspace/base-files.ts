import { type BytePath, foldersAbove, textPath } from "./byte-path.ts";
import { GITLINK } from "./modes.ts";
import { readIndex, type TrackedEntry } from "./read-index.ts";
import type { BaseFiles, Workspace } from "./workspace.ts";

/** Asked once: the base never changes. */
export const baseFilesOf = (workspace: Workspace): Promise<BaseFiles> =>
  (workspace.baseFiles.known ??= readBaseFiles(workspace));

async function readBaseFiles(workspace: Workspace): Promise<BaseFiles> {
  const entries = workspace.checkedOut ? (await ownIndex(workspace)).entries : await listBase(workspace);
  const folders = new Set<BytePath>();
  for (const path of entries.keys())
    for (const folder of foldersAbove(path)) {
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  return { entries, folders };
}

/** A work tree's own index is the base commit's. */
const ownIndex = (workspace: Workspace) => (workspace.baseFiles.index ??= readIndex(workspace, "index"));

/** `<mode> <type> <id>\tpath\0`, see git-ls-tree(1). */
async function listBase(workspace: Workspace): Promise<BaseFiles["entries"]> {
  const listing = await workspace.sandbox.git(workspace, ["ls-tree", "-r", "-z", workspace.baseCommit]);
  const lines = listing.toString("latin1").split("\0").filter(Boolean);
  return new Map(
    lines.map((line): [BytePath, TrackedEntry] => {
      const tab = line.indexOf("\t");
      const [mode = "", , id = ""] = line.slice(0, tab).split(" ");
      return [line.slice(tab + 1), { mode, id }];
    }),
  );
}

/** The id of the base commit's tree. Asked once. */
export const baseTreeOf = (workspace: Workspace): Promise<string> =>
  (workspace.baseFiles.tree ??= readBaseTree(workspace));

async function readBaseTree(workspace: Workspace): Promise<string> {
  const tree = workspace.checkedOut ? (await ownIndex(workspace)).tree : undefined;
  if (tree !== undefined) return tree;
  const id = await workspace.sandbox.git(workspace, ["rev-parse", `${workspace.baseCommit}^{tree}`]);
  return id.toString("utf8").trim();
}

export const submodulesIn = ({ entries }: BaseFiles): string[] =>
  [...entries].flatMap(([path, { mode }]) => (mode === GITLINK ? [textPath(path)] : []));
