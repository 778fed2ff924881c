import { GitFailed } from "../sandbox/git-failed.ts";
import { type BytePath, splitPaths } from "./byte-path.ts";
import type { Workspace } from "./workspace.ts";

/** What git lists with `-z`, as far as it can be taken in: commands can leave more than that, and it costs no result. */
export async function listedPaths(
  workspace: Workspace,
  args: readonly string[],
  of: { index?: string } = {},
): Promise<{ paths: BytePath[]; whole: boolean }> {
  try {
    return { paths: splitPaths(await workspace.sandbox.git(workspace, args, of)), whole: true };
  } catch (error) {
    if (!(error instanceof GitFailed) || error.ended !== "output") throw error;
    const { stdout } = error;
    return { paths: splitPaths(stdout.subarray(0, stdout.lastIndexOf(0) + 1)), whole: false };
  }
}
