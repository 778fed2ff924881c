import { Buffer } from "node:buffer";
import { readdir } from "node:fs/promises";
import { decodeUtf8, encodeUtf8 } from "../encoding/opaque.ts";
import { unescaped } from "../encoding/visible.ts";
import { looks } from "../text/hidden.ts";

/** A folder and a name in it, as the file system takes them: a name may hold bytes that are not UTF-8. */
export const placeIn = (folder: string | Buffer, name: string): Buffer =>
  Buffer.concat([Buffer.from(folder), Buffer.from("/"), encodeUtf8(name)]);

/** Two names with one key look the same: Unicode's two forms of an accent, kinds of spaces, what has no width. */
export const keyOf = (name: string) => (/^[\x21-\x7e]*$/.test(name) ? name : looks(name));

/** What a name may stand for: itself, and what it says when it is written as a view shows it. */
export function keysOf(name: string): string[] {
  const plain = unescaped(name);
  return plain === undefined ? [keyOf(name)] : [keyOf(name), keyOf(plain)];
}

/** The one name in the folder that looks like this one; undefined when there is none, or more than one. */
export async function spelledIn(folder: string | Buffer, name: string): Promise<string | undefined> {
  const keys = keysOf(name);
  const entries = await readdir(folder, { encoding: "buffer" }).catch(() => []);
  const plain = unescaped(name);
  const names = entries.map(decodeUtf8).filter((one) => keys.includes(keyOf(one)));
  if (plain !== undefined && names.includes(plain)) return plain;
  return names.length === 1 ? names[0] : undefined;
}
