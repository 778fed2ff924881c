import { Buffer } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isCode } from "../../filesystem/error-code.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

export type ReadMany = { bytes: Buffer } | { not: "too large" | "unreadable" | "hard link" | "gone" };

/** At once and without following a link. What is no plain file is not there. */
export function readAt(place: Buffer, maxBytes: number): ReadMany {
  let fd: number;
  try {
    fd = openSync(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    return { not: isCode(error, "ENOENT") || isCode(error, "ELOOP") ? "gone" : "unreadable" };
  }
  try {
    const facts = fstatSync(fd);
    const { size } = facts;
    if (!facts.isFile()) return { not: "gone" };
    // It may be a file outside the repository.
    if (facts.nlink > 1) return { not: "hard link" };
    if (size > maxBytes) return { not: "too large" };
    const bytes = Buffer.allocUnsafe(size);
    let read = 0;
    for (let more = -1; read < size && more !== 0; read += more) more = readSync(fd, bytes, read, size - read, read);
    return { bytes: bytes.subarray(0, read) };
  } catch {
    return { not: "unreadable" };
  } finally {
    closeSync(fd);
  }
}
