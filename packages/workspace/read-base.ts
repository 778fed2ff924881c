import { GitFailed } from "../sandbox/git-failed.ts";
import { baseFilesOf } from "./base-files.ts";
import { bytePath, textPath } from "./byte-path.ts";
import { isPlainFile } from "./modes.ts";
import type { Workspace } from "./workspace.ts";

/** Paths of the base commit's plain files. */
export const plainBaseFiles = async (workspace: Workspace): Promise<string[]> =>
  [...(await baseFilesOf(workspace)).entries].flatMap(([path, { mode }]) =>
    isPlainFile(mode) ? [textPath(path)] : [],
  );

/** As the base commit has it, whatever was written since; undefined where it has no such plain file, or a larger one. */
export async function readBaseFile(
  workspace: Workspace,
  path: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const entry = (await baseFilesOf(workspace)).entries.get(bytePath(path));
  if (!entry || !isPlainFile(entry.mode)) return undefined;
  try {
    return await workspace.sandbox.git(workspace, ["cat-file", "blob", entry.id], { maxBytes });
  } catch (error) {
    if (error instanceof GitFailed && error.ended === "output") return undefined;
    throw error;
  }
}
