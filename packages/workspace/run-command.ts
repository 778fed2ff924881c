import type { CommandRequest, CommandRun } from "../sandbox/sandbox.ts";
import { standGit } from "./commands-git.ts";
import type { Workspace } from "./workspace.ts";

/** A command in the sandbox. It may leave repositories of its own in the tree, so the tree is settled after it. */
export async function runCommand(workspace: Workspace, request: CommandRequest): Promise<CommandRun> {
  workspace.suspect = true;
  // A full disk must not cost the command that could make room.
  const noGit = await standGit(workspace).catch((error: Error) => `[git does not work here: ${error.message}]\n`);
  const run = await workspace.sandbox.run(workspace, request);
  return noGit === undefined ? run : { ...run, output: noGit + run.output };
}
