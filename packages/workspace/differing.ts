import { type BytePath, splitPaths } from "./byte-path.ts";
import type { Workspace } from "./workspace.ts";

/** Tracked paths that are gone or differ from the index. */
export const differingPaths = (workspace: Workspace): Promise<Set<BytePath>> => listed(workspace, []);

/** The same, where a program's mode is no difference. */
export const differingInMoreThanMode = (workspace: Workspace): Promise<Set<BytePath>> =>
  listed(workspace, ["-c", "core.fileMode=false"]);

const listed = async (workspace: Workspace, settings: readonly string[]) =>
  new Set(
    splitPaths(await workspace.sandbox.git(workspace, [...settings, "ls-files", "-z", "--modified", "--deleted"])),
  );
