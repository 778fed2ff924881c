import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { encodeUtf8 } from "../../encoding/opaque.ts";
import type { TreeEntry } from "./answers/git-objects.ts";
import { plainRefs } from "./refs.ts";
import { runGit } from "./run-git.ts";

/**
 * Writes an object as git does, into a file of its own, and gives its id. What a process of git for it costs is many
 * times as much. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
export function writeObject(bare: string, kind: "commit" | "tree" | "blob", content: Uint8Array): string {
  const whole = Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]);
  const sha = createHash("sha1").update(whole).digest("hex");
  const file = join(bare, "objects", sha.slice(0, 2), sha.slice(2));
  if (!existsSync(file)) replace(file, deflateSync(whole, { level: 1 }), 0o444);
  return sha;
}

/** A tree of these entries; git sorts a folder as if its name ended with a slash. */
export function writeTree(bare: string, entries: readonly Pick<TreeEntry, "mode" | "sha" | "path">[]): string {
  const sortedBy = entries.map((one) => ({ ...one, key: encodeUtf8(one.path + (one.mode === FOLDER ? "/" : "")) }));
  const lines = sortedBy
    .toSorted((one, other) => Buffer.compare(one.key, other.key))
    .flatMap(({ mode, path, sha }) => [encodeUtf8(`${mode.replace(/^0/, "")} ${path}\0`), Buffer.from(sha, "hex")]);
  return writeObject(bare, "tree", Buffer.concat(lines));
}

export const FOLDER = "040000";

/**
 * Moves a branch, or makes it where there is none; of two who do so at once one fails. Only the first branch of a
 * repository is written as a file: nothing can stand in its way.
 */
export async function moveBranch(bare: string, branch: string, { from, to }: { from: string | undefined; to: string }) {
  if (plainRefs(bare)?.length !== 0) {
    await runGit(bare, ["update-ref", `refs/heads/${branch}`, to, from ?? "0".repeat(to.length)]);
    return;
  }
  const file = join(bare, "refs/heads", branch);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.lock`, `${to}\n`, { flag: "wx" });
  renameSync(`${file}.lock`, file);
}

function replace(file: string, bytes: Uint8Array, mode: number) {
  const folder = dirname(file);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `tmp_obj_${randomBytes(6).toString("hex")}`);
  writeFileSync(fresh, bytes, { mode });
  renameSync(fresh, file);
}
