import type { CommandRequest, CommandRun } from "../sandbox/sandbox.ts";
import type { Workspace } from "./workspace.ts";

/** A command in the sandbox. It may leave repositories of its own in the tree, so the tree is settled after it. */
export function runCommand(workspace: Workspace, request: CommandRequest): Promise<CommandRun> {
  workspace.suspect = true;
  return workspace.sandbox.run(workspace, request);
}
