import { chmod, chown, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isCode } from "./descend.ts";
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
    if (!isCode(error, "EACCES") && !isCode(error, "EPERM")) throw error;
    await openUp(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
}
