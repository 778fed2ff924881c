import { inflateSync } from "node:zlib";

/** A binary file larger than this is not unpacked: secrets hide in small ones, and a bomb must not. */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/**
 * The new content of `literal N`, or the inserted bytes of `delta N`, as text to search in. git writes base 85 lines
 * (a length letter, then five characters for four bytes) of deflated data.
 */
export function decodeBinaryHunk(lines: readonly string[], start: number): string {
  const kind = /^(literal|delta) \d+$/.exec(lines[start] ?? "")?.[1];
  if (!kind) return "";
  const parts: Buffer[] = [];
  for (let i = start + 1; lines[i]; i++) parts.push(decodeLine(lines[i] ?? ""));
  try {
    const bytes = inflateSync(Buffer.concat(parts), { maxOutputLength: MAX_UNPACKED_BYTES });
    return (kind === "delta" ? insertedBy(bytes) : bytes).toString("latin1");
  } catch {
    // Damaged or too large: `git apply` has the last word about the first, nobody searches the second.
    return "";
  }
}

function decodeLine(line: string): Buffer {
  const letter = line.charCodeAt(0);
  const length = letter <= 90 ? letter - 64 : letter - 96 + 26;
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  for (let group = 0; group * 5 + 1 < line.length; group++) {
    let value = 0;
    for (const character of line.slice(group * 5 + 1, group * 5 + 6)) value = value * 85 + ALPHABET.indexOf(character);
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
