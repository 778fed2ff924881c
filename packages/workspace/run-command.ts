import type { CommandRequest, CommandRun } from "../sandbox/walls.ts";
import type { Workspace } from "./workspace.ts";

/** A command in the sandbox. It may leave repositories of its own in the tree, so the tree is settled after it. */
export function runCommand(workspace: Workspace, request: CommandRequest): Promise<CommandRun> {
  workspace.suspect = true;
  return workspace.walls.run(workspace, request);
}
