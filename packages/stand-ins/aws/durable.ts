import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** A rename is safe against power loss once its folder has been written too. */
export async function syncFolder(folder: string) {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The old content or the new one, never a part. */
export async function replaceFile(file: string, content: Iterable<Uint8Array>) {
  const next = `${file}.next`;
  const handle = await open(next, "w");
  try {
    for (const bytes of content) await handle.writeFile(bytes);
    await handle.datasync();
  } catch (cause) {
    // On a full disk half a file would take what others need.
    await rm(next, { force: true });
    throw cause;
  } finally {
    await handle.close();
  }
  await rename(next, file);
  await syncFolder(dirname(file));
}
