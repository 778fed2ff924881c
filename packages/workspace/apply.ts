import { beginAtBase, changesInIndex, readChange, TRIAL } from "./change-index.ts";
import { markPatch } from "./marks.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Applies a stored patch to a fresh clone of its base commit: in an index first, where neither line endings nor symlinks
 * of a work tree can bend it, then (where there is a work tree) makes the files those of that tree.
 * What is new in it was written by the run, so it counts wherever it stands.
 * Returns the tree; throws GitFailed when the patch does not fit.
 */
export async function applyPatch(workspace: Workspace, patch: Uint8Array): Promise<{ treeId: string }> {
  // The change's own index stays as it is until the patch is known to fit.
  const index = workspace.checkedOut ? TRIAL : {};
  const git = (args: readonly string[], stdin?: Uint8Array) =>
    workspace.sandbox.git(workspace, args, { ...index, ...(stdin && { stdin }) });
  if (workspace.checkedOut) await beginAtBase(workspace, TRIAL);
  else await git(["read-tree", workspace.baseCommit]);
  if (patch.length > 0) await git(["apply", "--cached", "--binary", "--whitespace=nowarn", "-p1", "-"], patch);
  const treeId = (await git(["write-tree"])).toString("utf8").trim();
  if (workspace.checkedOut) {
    await readChange(workspace, treeId, ["-u"]);
    markPatch(workspace, await changesInIndex(workspace));
  }
  return { treeId };
}
