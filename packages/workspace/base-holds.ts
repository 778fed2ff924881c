import { GitFailed } from "../sandbox/git-failed.ts";
import type { Workspace } from "./workspace.ts";

/** Whether a file of the base commit holds these very words. */
export async function baseHolds(workspace: Workspace, words: string): Promise<boolean> {
  try {
    await workspace.sandbox.git(workspace, ["grep", "--quiet", "--text", "-F", "-e", words, workspace.baseCommit]);
    return true;
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1 && !error.ended) return false;
    throw error;
  }
}
