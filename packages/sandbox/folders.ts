import { chmod, chown, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { wipe } from "../filesystem/wipe.ts";
import { addPython } from "./toolchains/python.ts";

/** What one sandbox is about: everything lives in `folder` and is wiped with it. */
export type Folders = {
  folder: string;
  /** The repository's files, and nothing else. */
  tree: string;
  gitDir: string;
  /** HOME of commands: caches of package managers survive from one command to the next. */
  home: string;
  tmp: string;
};

export const foldersIn = (folder: string): Folders => ({
  folder,
  tree: join(folder, "tree"),
  // `private` is the gate: closed to the commands' user while commands run (see own-uid.ts).
  gitDir: join(folder, "private", "git"),
  home: join(folder, "home"),
  tmp: join(folder, "tmp"),
});

/**
 * Wipes the folder and lays out the empty ones, owned by the user that writes them. `forCommands`: HOME holds what a
 * command finds there.
 */
export async function makeFolders(
  folders: Folders,
  owner?: { uid: number; gid: number },
  { forCommands = true } = {},
): Promise<void> {
  const { folder, tree, gitDir, home, tmp } = folders;
  await wipe(folder);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  await mkdir(dirname(gitDir), { mode: 0o700 });
  for (const made of [tree, gitDir, home, tmp]) {
    await mkdir(made, { mode: 0o700 });
    if (made === home && forCommands) await addPython(home);
    if (owner) await chown(made, owner.uid, owner.gid);
  }
}
