import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isCode } from "../../filesystem/error-code.ts";
import { askGit } from "./run-git.ts";

const LOOSE = /^refs\/heads\/[\w-]+(\/[\w-]+)*$/;
const SHA = /^[0-9a-f]{40}\n$/;

/**
 * The commit at the tip of a branch; undefined: there is none. Its file is read, as git would: a process of git for each
 * look is most of what a request costs. Git itself answers where the branch has no plain file of its own.
 */
export async function branchTip(bare: string, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const read = LOOSE.test(ref) ? readLoose(bare, ref) : undefined;
  if (read !== undefined) return read === "none" ? undefined : read;
  return askGit(bare, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
}

function readLoose(bare: string, ref: string): string | "none" | undefined {
  try {
    const text = readFileSync(join(bare, ref), "latin1");
    return SHA.test(text) ? text.trim() : undefined;
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "EISDIR"].some((code) => isCode(error, code))) throw error;
    return existsSync(join(bare, "packed-refs")) ? undefined : "none";
  }
}

export type PlainRefs = { name: string; sha: string }[];

/**
 * All refs, sorted as git shows them, where each is a branch with a file of its own. undefined: git has to be asked, for a
 * tag may stand for another object, and not all refs need to have files.
 */
export function plainRefs(bare: string): PlainRefs | undefined {
  if (existsSync(join(bare, "packed-refs"))) return undefined;
  const refs = refFiles(bare)
    // One that is written right now is not there yet.
    ?.filter((name) => !name.endsWith(".lock"))
    .map((name) => ({ name, sha: LOOSE.test(name) ? readLoose(bare, name) : undefined }));
  if (!refs?.every(({ sha }) => sha !== undefined && sha !== "none")) return undefined;
  return (refs as PlainRefs).toSorted((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
}

/** undefined: a folder went away while it was read. */
function refFiles(bare: string): string[] | undefined {
  try {
    return readdirSync(join(bare, "refs"), { recursive: true, withFileTypes: true })
      .filter((one) => !one.isDirectory())
      .map(({ parentPath, name }) => relative(bare, join(parentPath, name)));
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The branch that HEAD names, whether or not it has a commit. */
export const branchOfHead = (bare: string): string | undefined =>
  /^ref: (refs\/heads\/.+)\n$/.exec(readFileSync(join(bare, "HEAD"), "latin1"))?.[1];
