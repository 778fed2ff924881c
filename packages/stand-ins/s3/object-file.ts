import { type FileHandle, link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isCode } from "../../filesystem/error-code.ts";
import { syncFolder } from "../aws/durable.ts";

/** Kept behind the object's bytes in the same file, so that both change in one step. */
export type ObjectFacts = {
  bytes: number;
  etag: string;
  lastModified: string;
  /** Headers to answer with: content type and the like, user metadata. */
  headers: Record<string, string>;
  /** `x-amz-checksum-...`: value, as the writer gave it. */
  checksum?: [string, string];
};

/** The last characters of the file: the length of the facts before them, in hex. */
const LENGTH_CHARS = 8;

const footerOf = (facts: ObjectFacts) => {
  const json = Buffer.from(JSON.stringify(facts));
  return Buffer.concat([json, Buffer.from(json.length.toString(16).padStart(LENGTH_CHARS, "0"))]);
};

/** undefined: there is no such object. The caller closes the handle. */
export async function openObject(path: string): Promise<{ handle: FileHandle; facts: ObjectFacts } | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw cause;
  }
  const { size } = await handle.stat();
  const length = Buffer.alloc(LENGTH_CHARS);
  await handle.read(length, 0, LENGTH_CHARS, size - LENGTH_CHARS);
  const json = Buffer.alloc(Number.parseInt(length.toString(), 16));
  await handle.read(json, 0, json.length, size - LENGTH_CHARS - json.length);
  return { handle, facts: JSON.parse(json.toString()) };
}

/** Folders that were made are written to disk from the top down, else the file could be lost with them. */
async function makeFolder(folder: string) {
  const made = await mkdir(folder, { recursive: true });
  if (made === undefined) return;
  for (let path = folder; path.length >= made.length; path = dirname(path)) await syncFolder(dirname(path));
}

export type Upload = { temporary: string; path: string; onlyIfAbsent: boolean };

/**
 * Writes beside and then puts in place, all or nothing, on disk before it returns. `write` yields the bytes and ends with
 * their facts; what it throws undoes the upload. "exists": there is an object, and only a new one was wanted.
 */
export async function storeObject(
  { temporary, path, onlyIfAbsent }: Upload,
  write: () => AsyncGenerator<Buffer, ObjectFacts>,
): Promise<ObjectFacts | "exists"> {
  try {
    const handle = await open(temporary, "wx");
    const content = write();
    let facts: ObjectFacts;
    try {
      for (;;) {
        const next = await content.next();
        if (next.done) {
          facts = next.value;
          break;
        }
        await handle.writeFile(next.value);
      }
      await handle.writeFile(footerOf(facts));
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await makeFolder(dirname(path));
    if (onlyIfAbsent) await link(temporary, path);
    else await rename(temporary, path);
    await syncFolder(dirname(path));
    return facts;
  } catch (cause) {
    if (isCode(cause, "EEXIST")) return "exists";
    throw cause;
  } finally {
    await rm(temporary, { force: true });
  }
}
