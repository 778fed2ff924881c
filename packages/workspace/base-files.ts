import { type BytePath, foldersAbove, textPath } from "./byte-path.ts";
import { GITLINK } from "./modes.ts";
import type { BaseFiles, Workspace } from "./workspace.ts";

/** Asked once: the base never changes. */
export const baseFilesOf = (workspace: Workspace): Promise<BaseFiles> =>
  (workspace.baseFiles.known ??= readBaseFiles(workspace));

/** `<mode> <type> <id>\tpath\0`, see git-ls-tree(1). */
async function readBaseFiles(workspace: Workspace): Promise<BaseFiles> {
  const listing = await workspace.sandbox.git(workspace, ["ls-tree", "-r", "-z", workspace.baseCommit]);
  const entries: BaseFiles["entries"] = new Map();
  const folders = new Set<BytePath>();
  for (const line of listing.toString("latin1").split("\0")) {
    if (line === "") continue;
    const tab = line.indexOf("\t");
    const [mode = "", , id = ""] = line.slice(0, tab).split(" ");
    const path = line.slice(tab + 1);
    entries.set(path, { mode, id });
    for (const folder of foldersAbove(path)) {
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return { entries, folders };
}

/** The id of the base commit's tree. Asked once. */
export const baseTreeOf = (workspace: Workspace): Promise<string> =>
  (workspace.baseFiles.tree ??= workspace.sandbox
    .git(workspace, ["rev-parse", `${workspace.baseCommit}^{tree}`])
    .then((id) => id.toString("utf8").trim()));

export const submodulesIn = ({ entries }: BaseFiles): string[] =>
  [...entries].flatMap(([path, { mode }]) => (mode === GITLINK ? [textPath(path)] : []));
