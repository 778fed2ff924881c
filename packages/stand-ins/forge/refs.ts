import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
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
