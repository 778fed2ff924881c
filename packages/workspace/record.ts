import type { Reason } from "../jobs/outcome.ts";
import { GitFailed } from "./git-failed.ts";
import { removeNestedRepositories } from "./nested-repositories.ts";
import { oversizedChange, unreadableTree } from "./refusals.ts";
import type { Workspace } from "./workspace.ts";

export type RawChange = { path: string; oldMode: string; newMode: string };

/** The git tree of everything in the work tree but ignored files, and how it differs from the base commit. */
export type Recorded = { treeId: string; changes: RawChange[] } | { refused: Reason };

/** Writes the work tree into the private index and git dir; without a work tree the index is what counts. */
export async function recordTree(workspace: Workspace): Promise<Recorded> {
  const { walls, baseCommit } = workspace;
  try {
    await removeNestedRepositories(workspace);
    const refused = await oversizedChange(workspace);
    if (refused) return { refused };
    if (workspace.checkedOut) await walls.git(workspace, ["add", "--all"]);
    const treeId = (await walls.git(workspace, ["write-tree"])).toString("utf8").trim();
    const raw = await walls.git(workspace, ["diff-tree", "-r", "-z", "--raw", "--no-renames", baseCommit, treeId]);
    return { treeId, changes: parseRaw(raw) };
  } catch (error) {
    if (error instanceof GitFailed) return { refused: unreadableTree(error) };
    throw error;
  }
}

/** `:100644 100755 <id> <id> M\0path\0`, see git-diff-tree(1), "Raw output format". */
function parseRaw(raw: Buffer): RawChange[] {
  const fields = raw.toString("utf8").split("\0").filter(Boolean);
  return fields.flatMap((field, i) => {
    if (i % 2 === 1) return [];
    const [oldMode = "", newMode = ""] = field.slice(1).split(" ");
    return [{ path: fields[i + 1] ?? "", oldMode, newMode }];
  });
}
