import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { atPath, isCode, linkSentence, lstatOrNothing, type Spot } from "./descend.ts";
import { FileProblem } from "./file-problem.ts";
import { MAX_READ_BYTES } from "./limits.ts";
import { shown } from "./paths.ts";
import type { Workspace } from "./workspace.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Throws FileProblem for anything but a plain file of this tree. */
export const readFile = (workspace: Workspace, path: string): Promise<Uint8Array> =>
  atPath(workspace, path, {}, async (spot) => {
    // Non-blocking: opening a FIFO would wait for a writer for ever.
    const handle = await open(spot.full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((e: unknown) =>
      explain(e, spot, path),
    );
    try {
      const { size } = await mustBePlain(handle, path);
      if (size > MAX_READ_BYTES) {
        throw new FileProblem(
          `${shown(path)} has ${size.toLocaleString("en")} bytes, too many to read. Search in it instead.`,
        );
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  });

/** Makes missing folders; a file that exists keeps its mode. */
export const writeFile = (workspace: Workspace, path: string, bytes: Uint8Array): Promise<void> =>
  atPath(workspace, path, { create: true }, async (spot) => {
    const handle = await openToWrite(workspace, spot).catch((e: unknown) => explain(e, spot, path));
    try {
      await mustBePlain(handle, path);
      await handle.truncate(0);
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
  });

async function openToWrite({ walls: { owner } }: Workspace, { full }: Spot): Promise<FileHandle> {
  try {
    const handle = await open(full, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
    if (owner) await handle.chown(owner.uid, owner.gid);
    return handle;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    return open(full, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
  }
}

/** A file, a link (never what it points to) or a whole folder. */
export const removePath = (workspace: Workspace, path: string): Promise<void> =>
  atPath(workspace, path, {}, async ({ full }) => {
    if (!(await lstatOrNothing(full))) throw missing(path);
    await rm(full, { recursive: true });
  });

export const movePath = (workspace: Workspace, from: string, to: string): Promise<void> =>
  atPath(workspace, from, {}, async (source) => {
    if (!(await lstatOrNothing(source.full))) throw missing(from);
    await atPath(workspace, to, { create: true }, async (target) => {
      if (await lstatOrNothing(target.full)) {
        throw new FileProblem(`${shown(to)} exists already. Remove it first or choose another name.`);
      }
      await rename(source.full, target.full).catch((error: unknown) => {
        if (isCode(error, "EINVAL")) throw new FileProblem(`${shown(from)} cannot be moved into itself.`);
        throw error;
      });
    });
  });

/** Looks at what is open, not at a name that may point elsewhere by now. */
async function mustBePlain(handle: FileHandle, path: string) {
  const facts = await handle.stat();
  if (facts.isDirectory()) throw new FileProblem(`${shown(path)} is a folder. List the files to see what is in it.`);
  if (!facts.isFile()) throw new FileProblem(`${shown(path)} is not a regular file.`);
  if (facts.nlink > 1) {
    throw new FileProblem(`${shown(path)} is a hard link, which may be a file outside the repository. Copy it first.`);
  }
  return facts;
}

async function explain(error: unknown, { full }: Spot, path: string): Promise<never> {
  const found = await lstatOrNothing(full);
  if (!found) throw missing(path);
  if (found.isSymbolicLink()) throw new FileProblem(await linkSentence(full, path));
  if (found.isDirectory()) throw new FileProblem(`${shown(path)} is a folder. List the files to see what is in it.`);
  if (!found.isFile()) throw new FileProblem(`${shown(path)} is not a regular file.`);
  if (isCode(error, "EACCES")) throw new FileProblem(`${shown(path)} may not be opened: its mode forbids it.`);
  throw error;
}

const missing = (path: string) => new FileProblem(`There is no ${shown(path)}. List the files to see what there is.`);
