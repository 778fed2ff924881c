import { inflateSync } from "node:zlib";
import type { Lines } from "../diff/lines.ts";

/** A binary file larger than this is not unpacked: secrets hide in small ones, and a bomb must not. */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
const VALUES = new Uint8Array(128);
for (const [value, character] of [...ALPHABET].entries()) VALUES[character.charCodeAt(0)] = value;

/**
 * The new content of `literal N`, or the inserted bytes of `delta N`, as text to search in. git writes base 85 lines
 * (a length letter, then five characters for four bytes) of deflated data.
 */
export function decodeBinaryHunk(lines: Lines): string {
  const kind = /^(literal|delta) \d+$/.exec(lines.peek() ?? "")?.[1];
  if (!kind) return "";
  lines.next();
  const parts: Buffer[] = [];
  for (let line = lines.next(); line; line = lines.next()) parts.push(decodeLine(line));
  try {
    const bytes = inflateSync(Buffer.concat(parts), { maxOutputLength: MAX_UNPACKED_BYTES });
    return (kind === "delta" ? insertedBy(bytes) : bytes).toString("latin1");
  } catch {
    // Damaged or too large: `git apply` has the last word about the first, the second is not searched.
    return "";
  }
}

function decodeLine(line: string): Buffer {
  const letter = line.charCodeAt(0);
  const length = letter <= 90 ? letter - 64 : letter - 96 + 26;
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  for (let group = 0; group * 5 + 1 < line.length; group++) {
    let value = 0;
    for (let i = group * 5 + 1; i < group * 5 + 6; i++) value = value * 85 + (VALUES[line.charCodeAt(i)] ?? 0);
    bytes.writeUInt32BE(value >>> 0, group * 4);
  }
  return bytes.subarray(0, length);
}

/** https://git-scm.com/docs/pack-format#_deltified_representation: two sizes, then copies and insertions. */
function insertedBy(delta: Buffer): Buffer {
  let at = 0;
  for (let size = 0; size < 2; size++) while ((delta[at++] ?? 0) & 0x80);
  const inserted: Buffer[] = [];
  while (at < delta.length) {
    const command = delta[at++] ?? 0;
    if (command & 0x80) at += bitsIn(command & 0x7f);
    else {
      inserted.push(delta.subarray(at, at + command));
      at += command;
    }
  }
  return Buffer.concat(inserted);
}

const bitsIn = (value: number) => value.toString(2).replaceAll("0", "").length;
