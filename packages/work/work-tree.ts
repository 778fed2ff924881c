import { join } from "node:path";
import { CHECK_OUTPUT } from "../agent/kept-outputs.ts";
import type { FoundToolchain } from "../jobs/missing-toolchains.ts";
import type { CommandResult } from "../jobs/outcome.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { askToolchains } from "../sandbox/toolchains/ask.ts";
import type { Redactor } from "../secrets/redact.ts";
import { applyPatch } from "../workspace/apply.ts";
import { cloneWorkspace } from "../workspace/clone.ts";
import { type TakenPatch, takePatch } from "../workspace/patch.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type CommandOfJob, runJobCommand } from "./job-command.ts";
import { createTree, type WorkspaceTree } from "./tree.ts";

/** The repository at the pinned commit, as one attempt of Work uses it. */
export type WorkTree = WorkspaceTree & {
  /** Runs the job's setup command or check. */
  command(request: CommandOfJob): Promise<CommandResult>;
  /** As a command finds them; `more` are looked up by name. */
  toolchains(more?: readonly string[]): Promise<FoundToolchain[]>;
  /** What a fresh clone becomes with this patch, which an earlier attempt has stored. */
  reread(patch: Uint8Array): Promise<TakenPatch>;
};

type Given = {
  remote: { url: string; token: string };
  /** Scratch space of the task. */
  folder: string;
  sandbox: Sandbox | Promise<Sandbox>;
  redactor: Redactor;
  commandTimeoutMs: number;
};

/** By git itself, in a folder that is wiped first. */
export const workTrees =
  (given: Given) =>
  async (commit: string, signal: AbortSignal, branch?: string): Promise<WorkTree> => {
    const { remote } = given;
    const sandbox = await given.sandbox;
    const folder = join(given.folder, "workspace");
    const workspace = await cloneWorkspace({
      ...remote,
      folder,
      commit,
      sandbox,
      signal,
      ...(branch !== undefined && { branch }),
    });
    return workTreeOf(workspace, given, { asCloned: true });
  };

export function workTreeOf(workspace: Workspace, given: Omit<Given, "sandbox">, { asCloned = false } = {}): WorkTree {
  const tree = createTree(workspace, { asCloned });
  const keep = (output: string) => tree.outputs.keep(output, CHECK_OUTPUT);
  return {
    ...tree,
    toolchains: (more) => askToolchains(workspace.sandbox, workspace, more),
    command: (request) => runJobCommand(workspace, request, { ...given, keep }),
    async reread(patch) {
      const folder = join(given.folder, "first-patch");
      const fresh = await cloneWorkspace({ ...given.remote, folder, commit: workspace.baseCommit });
      for (const nested of workspace.nestedRepositories) fresh.nestedRepositories.add(nested);
      await applyPatch(fresh, patch);
      return takePatch(fresh);
    },
  };
}
