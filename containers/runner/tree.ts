import { type Tree, TreeError } from "../../packages/agent/tree.ts";
import { FileProblem } from "../../packages/workspace/file-problem.ts";
import { movePath, readFile, removePath, writeFile } from "../../packages/workspace/files.ts";
import { listFiles } from "../../packages/workspace/list.ts";
import { diffOf, statusOf, takePatch } from "../../packages/workspace/patch.ts";
import { searchFiles } from "../../packages/workspace/search.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";

const MAX_COMMAND_BYTES = 64 * 1024;

/** The workspace as the agent's tools see it, and whether anything may have changed since the last snapshot. */
export function createTree(workspace: Workspace) {
  let changed = false;
  const touching = <Result>(work: Promise<Result>) => {
    changed = true;
    return asked(work);
  };

  const tree: Tree = {
    list: () => asked(listFiles(workspace)),
    read: (path) => asked(readFile(workspace, path)),
    write: (path, bytes) => touching(writeFile(workspace, path, bytes)),
    remove: (path) => touching(removePath(workspace, path)),
    move: (from, to) => touching(movePath(workspace, from, to)),
    search: (query) => asked(searchFiles(workspace, query)),
    status: () => asked(statusOf(workspace)),
    diff: () => asked(diffOf(workspace)),
    ...(workspace.walls.tier !== "off" && {
      run: (command, options) =>
        touching(workspace.walls.run(workspace, { ...options, command, maxBytes: MAX_COMMAND_BYTES })),
    }),
  };

  return {
    ...tree,
    /** Something outside the tools, such as the verify command, may have written. */
    touched() {
      changed = true;
    },
    /** The tree as a patch; undefined when nothing was written since the last one, or more than a patch can hold. */
    async snapshotIfChanged(): Promise<Uint8Array | undefined> {
      if (!changed) return undefined;
      changed = false;
      const { patch, refused } = await takePatch(workspace);
      // A change that must not be published (a nested repository, a submodule) is gone on with all the same.
      return refused && patch.length === 0 ? undefined : patch;
    },
  };
}

export type WorkspaceTree = ReturnType<typeof createTree>;

/** What the model asked wrongly goes back to it as a sentence; anything else leaves the loop. */
async function asked<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof FileProblem) throw new TreeError(error.message);
    throw error;
  }
}
