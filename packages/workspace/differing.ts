import { type BytePath, splitPaths } from "./byte-path.ts";
import type { Workspace } from "./workspace.ts";

type OfIndex = { index?: string };

/** Tracked paths that are gone or differ from an index; absent: the base commit's. */
export const differingPaths = (workspace: Workspace, index: OfIndex): Promise<Set<BytePath>> =>
  listed(workspace, [], index);

/** The same, where a program's mode is no difference. */
export const differingInMoreThanMode = (workspace: Workspace, index: OfIndex = {}): Promise<Set<BytePath>> =>
  listed(workspace, ["-c", "core.fileMode=false"], index);

async function listed(workspace: Workspace, settings: readonly string[], index: OfIndex) {
  const args = [...settings, "ls-files", "-z", "--modified", "--deleted"];
  return new Set(splitPaths(await workspace.sandbox.git(workspace, args, index)));
}
