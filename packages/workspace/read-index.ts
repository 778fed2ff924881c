import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { BytePath } from "./byte-path.ts";

export type TrackedEntry = { mode: string; id: string };

export type IndexFile = {
  entries: Map<BytePath, TrackedEntry>;
  /** The tree that they are, where git has noted it. */
  tree?: string;
};

/** One that git has written, see gitformat-index(5): a process less for what stands in a file. */
export async function readIndex(
  { gitDir, baseCommit }: { gitDir: string; baseCommit: string },
  name: string,
): Promise<IndexFile> {
  await using file: FileHandle = await open(join(gitDir, name), constants.O_RDONLY | constants.O_NOFOLLOW);
  return parseIndex(await file.readFile(), baseCommit.length / 2);
}

const HEADER_BYTES = 12;
/** Times, device, inode, mode, owner, size. */
const FACTS_BYTES = 40;
const MODE_AT = 24;
const IS_EXTENDED = 0x4000;

function parseIndex(bytes: Buffer, idBytes: number): IndexFile {
  const version = bytes.readUInt32BE(4);
  if (bytes.toString("latin1", 0, 4) !== "DIRC" || (version !== 2 && version !== 3))
    throw new Error(`git wrote an index of another kind (version ${version})`);
  const entries: IndexFile["entries"] = new Map();
  let at = HEADER_BYTES;
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    const flagsAt = at + FACTS_BYTES + idBytes;
    const nameAt = flagsAt + (bytes.readUInt16BE(flagsAt) & IS_EXTENDED ? 4 : 2);
    const end = bytes.indexOf(0, nameAt);
    const mode = bytes.readUInt32BE(at + MODE_AT).toString(8);
    entries.set(bytes.toString("latin1", nameAt, end), { mode, id: bytes.toString("hex", at + FACTS_BYTES, flagsAt) });
    // One to eight NULs, up to a multiple of eight.
    at += (end - at + 8) & ~7;
  }
  const tree = treeIn(bytes.subarray(at, bytes.length - idBytes), idBytes);
  return { entries, ...(tree !== undefined && { tree }) };
}

/** Extensions follow the entries; "TREE" begins with the root: `\0<entries> <subtrees>\n<id>`, -1 entries where it is stale. */
function treeIn(extensions: Buffer, idBytes: number): string | undefined {
  for (let at = 0; at + 8 <= extensions.length; ) {
    const size = extensions.readUInt32BE(at + 4);
    const body = extensions.subarray(at + 8, at + 8 + size);
    if (extensions.toString("latin1", at, at + 4) === "TREE") {
      const idAt = body.indexOf("\n") + 1;
      return body[1] === MINUS ? undefined : body.toString("hex", idAt, idAt + idBytes);
    }
    at += 8 + size;
  }
  return undefined;
}

const MINUS = 0x2d;
