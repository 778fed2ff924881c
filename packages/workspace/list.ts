import { lstatSync } from "node:fs";
import { join } from "node:path";
import { FileProblem } from "./file-problem.ts";
import { GitFailed } from "./git-failed.ts";
import { settleTree } from "./settle-tree.ts";
import type { Workspace } from "./workspace.ts";

export type FileEntry = { path: string; bytes: number; kind: "file" | "symlink" | "submodule" };

/** Stars that follow each other can be made slow on purpose. */
const GLOB_TIMEOUT_MS = 20_000;

/** Against the whole path; a star stays within a folder, `**` does not. */
export const pathspec = (glob: string) => `:(top,glob)${glob}`;

/**
 * What git tracks or would track, sorted by path; with globs, what one of them matches. Ignored files, FIFOs, devices
 * and sockets are left out. Throws FileProblem for a glob with which git cannot work.
 */
export async function listFiles(
  workspace: Workspace,
  globs: readonly string[] = [],
  timeoutMs = GLOB_TIMEOUT_MS,
): Promise<FileEntry[]> {
  await settleTree(workspace);
  const listing = (await lsFiles(workspace, globs, timeoutMs)).toString("utf8");
  const submodules = new Set(workspace.submodules);
  return listing
    .split("\0")
    .filter(Boolean)
    .sort()
    .flatMap((path): FileEntry[] => {
      if (submodules.has(path)) return [{ path, bytes: 0, kind: "submodule" }];
      const facts = lstatSync(join(workspace.tree, path), { throwIfNoEntry: false });
      if (facts?.isSymbolicLink()) return [{ path, bytes: facts.size, kind: "symlink" }];
      return facts?.isFile() ? [{ path, bytes: facts.size, kind: "file" }] : [];
    });
}

async function lsFiles(workspace: Workspace, globs: readonly string[], timeoutMs: number): Promise<Buffer> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  if (globs.length === 0) return workspace.walls.git(workspace, args);
  if (globs.some((glob) => glob.includes("\0"))) throw new FileProblem("A glob cannot hold a NUL character.");
  try {
    return await workspace.walls.git(workspace, [...args, "--", ...globs.map(pathspec)], { timeoutMs });
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    const why =
      error.ended === "time" ? "it takes too long" : (/^fatal: (.*)$/m.exec(error.stderr)?.[1] ?? error.message);
    throw new FileProblem(
      `That glob does not work: ${why.slice(0, 300)}. Use a simpler one, with *, **, ?, [abc] and {a,b}.`,
    );
  }
}
