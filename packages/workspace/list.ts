import { lstatSync } from "node:fs";
import { join } from "node:path";
import { removeNestedRepositories } from "./nested-repositories.ts";
import type { Workspace } from "./workspace.ts";

export type FileEntry = { path: string; bytes: number; kind: "file" | "symlink" | "submodule" };

/** What git tracks or would track, sorted by path. Ignored files, FIFOs, devices and sockets are left out. */
export async function listFiles(workspace: Workspace): Promise<FileEntry[]> {
  await removeNestedRepositories(workspace);
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listing = (await workspace.walls.git(workspace, args)).toString("utf8");
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
