import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Workspace } from "./workspace.ts";

/** Wipes the workspace's folder and lays out the empty ones, owned by whoever will write them. */
export async function makeWorkspaceFolders(workspace: Workspace): Promise<void> {
  await rm(workspace.folder, { recursive: true, force: true });
  const { owner } = workspace.walls;
  await mkdir(workspace.folder, { recursive: true });
  await chmod(workspace.folder, 0o711);
  await mkdir(dirname(workspace.gitDir), { mode: 0o700 });
  for (const folder of [workspace.tree, workspace.gitDir, workspace.home, workspace.tmp]) {
    await mkdir(folder, { mode: 0o700 });
    if (owner) await chown(folder, owner.uid, owner.gid);
  }
}
