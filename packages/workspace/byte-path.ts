import { encodeUtf8 } from "../encoding/opaque.ts";
import type { Folders } from "../sandbox/folders.ts";

/** A path as git has it, one character (latin1) for each byte: names that are not UTF-8 lose nothing. */
export type BytePath = string;

export const bytePath = (path: string): BytePath => encodeUtf8(path).toString("latin1");

/** For sentences and for what only compares names; bytes that are not UTF-8 become U+FFFD. */
export const textPath = (path: BytePath): string => Buffer.from(path, "latin1").toString("utf8");

/** What git prints with `-z`. */
export const splitPaths = (listing: Buffer): BytePath[] => listing.toString("latin1").split("\0").filter(Boolean);

/** What git reads with `-z`. */
export const joinPaths = (paths: Iterable<BytePath>): Buffer =>
  Buffer.from(Array.from(paths, (path) => `${path}\0`).join(""), "latin1");

/** Where it stands, for the harness's own look; the name may hold any byte. */
export const placeOf = ({ tree }: Pick<Folders, "tree">, path: BytePath): Buffer =>
  path === "" ? Buffer.from(tree) : Buffer.concat([Buffer.from(`${tree}/`), Buffer.from(path, "latin1")]);

/** `a/b/c` has `a/b` and `a` above it, the nearest first. */
export function* foldersAbove(path: BytePath): Generator<BytePath> {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) yield path.slice(0, at);
}
