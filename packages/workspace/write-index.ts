import { GitFailed } from "../sandbox/git-failed.ts";
import type { RepositoryAttributes } from "../sandbox/sandbox.ts";
import { type BytePath, joinPaths } from "./byte-path.ts";
import { CHANGE } from "./change-index.ts";
import type { Workspace } from "./workspace.ts";

export type NotTaken = { path: BytePath; why: string };

/** Paths that are not there any more. */
export async function takeOut(workspace: Workspace, paths: readonly BytePath[]): Promise<void> {
  if (paths.length === 0) return;
  await workspace.sandbox.git(workspace, ["update-index", "-z", "--force-remove", "--stdin"], {
    ...CHANGE,
    stdin: joinPaths(paths),
  });
}

/** How many more times git may be asked after it refused a path. */
const MAX_TRIES = 80;

/**
 * Takes files into the change's index as they stand in the tree, whether git ignores them or not. git takes all or
 * none: after a refusal each half is tried alone, until the paths that it does not take are known.
 */
export async function takeIn(
  workspace: Workspace,
  paths: readonly BytePath[],
  attributes?: RepositoryAttributes,
): Promise<NotTaken[]> {
  let tries = MAX_TRIES;

  async function take(some: readonly BytePath[]): Promise<NotTaken[]> {
    if (some.length === 0) return [];
    try {
      await workspace.sandbox.git(workspace, ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"], {
        ...CHANGE,
        stdin: joinPaths(some),
        ...(attributes && { attributes }),
      });
      return [];
    } catch (error) {
      if (!(error instanceof GitFailed) || error.ended) throw error;
      tries--;
      if (some.length === 1 || tries <= 0) return some.map((path) => ({ path, why: error.message }));
      const half = some.length >> 1;
      return [...(await take(some.slice(0, half))), ...(await take(some.slice(half)))];
    }
  }

  return take(paths);
}

/** Files that are programs for commands only. */
export async function takeAsPlainFiles(workspace: Workspace, paths: readonly BytePath[]): Promise<void> {
  if (paths.length === 0) return;
  await workspace.sandbox.git(workspace, ["update-index", "-z", "--chmod=-x", "--stdin"], {
    ...CHANGE,
    stdin: joinPaths(paths),
  });
}
