import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { wipe } from "../filesystem/wipe.ts";

/** Folders of the machine, not of one command, in which every user may write. */
export const SHARED_MEMORY = ["/dev/shm"];
export const SHARED_DISK = ["/tmp", "/var/tmp"];

/** Removes what a user left there. Only when none of its processes lives: one could swap a folder for a link meanwhile. */
export async function removeOrphans(uid: number, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const found = await lstat(path).catch(() => undefined);
      if (found?.uid === uid) await wipe(path);
    }
  }
}
