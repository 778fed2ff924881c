import { execFile } from "node:child_process";
import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { isCode } from "./descend.ts";
import { SYSTEM_PATH } from "./walls/inside.ts";
import type { Workspace } from "./workspace.ts";

/** Wipes the workspace's folder and lays out the empty ones, owned by whoever will write them. */
export async function makeWorkspaceFolders(workspace: Workspace): Promise<void> {
  await wipe(workspace.folder);
  const { owner } = workspace.walls;
  await mkdir(workspace.folder, { recursive: true });
  await chmod(workspace.folder, 0o711);
  await mkdir(dirname(workspace.gitDir), { mode: 0o700 });
  for (const folder of [workspace.tree, workspace.gitDir, workspace.home, workspace.tmp]) {
    await mkdir(folder, { mode: 0o700 });
    if (owner) await chown(folder, owner.uid, owner.gid);
  }
}

/** A command may have taken every right from its folders (some package managers do); they are still ours. */
export async function wipe(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (!["EACCES", "EPERM", "ENAMETOOLONG"].some((code) => isCode(error, code))) throw error;
    // The programs go down folder by folder, so no path is too long for them.
    await program("chmod", ["-R", "u+rwX", "--", folder]).catch(() => {});
    await program("rm", ["-rf", "--", folder]);
  }
}

const program = (name: string, args: readonly string[]) =>
  promisify(execFile)(name, args, { env: { PATH: SYSTEM_PATH } });
