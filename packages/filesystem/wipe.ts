import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { isCode } from "./error-code.ts";

/** A command may have taken every right from its folders (some package managers do); they are still ours. */
export async function wipe(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (!["EACCES", "EPERM", "ENAMETOOLONG"].some((code) => isCode(error, code))) throw error;
    // The programs go down folder by folder, so no path is too long for them.
    await program("chmod", ["-R", "u+rwX", "--", folder]).catch(() => {});
    await program("rm", ["-rf", "--", folder]);
  }
}

const program = (name: string, args: readonly string[]) =>
  promisify(execFile)(name, args, { env: { PATH: "/usr/bin:/bin" } });
