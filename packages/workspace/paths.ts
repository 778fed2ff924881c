import { encodeUtf8 } from "../encoding/opaque.ts";
import { visibleName } from "../encoding/visible.ts";
import { clip } from "../text/cut.ts";
import { FileProblem } from "./file-problem.ts";

const MAX_NAME_BYTES = 255;
const MAX_SHOWN_CHARS = 200;

/** Code points that HFS+ ignores in names: `.g<U+200C>it` is `.git` on a Mac. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** `.git` as any file system that may meet this repository would read it: case, trailing dots, streams, short names. */
export function readsAsGit(name: string): boolean {
  const plain = name
    .replace(IGNORED_BY_HFS, "")
    .toLowerCase()
    .replace(/:.*$/s, "")
    .replace(/[. ]+$/, "");
  return plain === ".git" || plain === "git~1";
}

/** The names on the way to a path of the model's; none for the root. Throws FileProblem. Looks at no disk. */
export function namesOf(path: string): string[] {
  if (path.includes("\0")) throw new FileProblem("A path cannot hold a NUL character.");
  if (!path.replace(/[\udc80-\udcff]/gu, "").isWellFormed())
    throw new FileProblem(
      `${shownPath(path)} holds half of a surrogate pair, which no name can. Use whole characters.`,
    );
  if (path.startsWith("/")) {
    throw new FileProblem(`${shownPath(path)} is an absolute path. Use a path relative to the repository's root.`);
  }
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) {
    throw new FileProblem(
      `${shownPath(path)} leaves its folder with "..". Use a path relative to the repository's root.`,
    );
  }
  if (names.some(readsAsGit)) throw gitsOwn(path);
  if (names.some((name) => encodeUtf8(name).length > MAX_NAME_BYTES)) {
    throw new FileProblem(`A name in ${shownPath(path)} is longer than ${MAX_NAME_BYTES} bytes. Choose a shorter one.`);
  }
  return names;
}

export const gitsOwn = (path: string) =>
  new FileProblem(`${shownPath(path)} is git's own; only the work tree can be used.`);

/** A path in a sentence: what cannot be seen in it is escaped, and a long one is cut. */
export const shownPath = (path: string) => clip(visibleName(path), MAX_SHOWN_CHARS) || "the root folder";
