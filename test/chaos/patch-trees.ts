import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The tree that a patch gives on a commit, by plain git in an index of its own. */
export async function treeOfPatch(gitFolder: string, base: string, patch: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "chaos-tree-"));
  try {
    const file = join(folder, "patch");
    await writeFile(file, patch);
    const env = { ...process.env, GIT_INDEX_FILE: join(folder, "index") };
    const git = async (...args: string[]) =>
      (await promisify(execFile)("git", ["--git-dir", gitFolder, ...args], { env })).stdout.trim();
    await git("read-tree", base);
    if (patch.length > 0) await git("apply", "--cached", "--binary", "--whitespace=nowarn", file);
    return await git("write-tree");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
