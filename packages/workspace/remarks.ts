import { hasOpaque } from "../encoding/opaque.ts";
import { GitFailed } from "../sandbox/git-failed.ts";
import { attributesOf, storageFilterOf } from "./attributes.ts";
import { baseFilesOf } from "./base-files.ts";
import { belowFileNamed } from "./below-file.ts";
import { type BytePath, bytePath, foldersAbove, joinPaths, splitPaths } from "./byte-path.ts";
import { createLook } from "./look.ts";
import { isEnvironment, standingSubmodules } from "./marks.ts";
import { namesIn } from "./names.ts";
import { namesOf, shownPath } from "./paths.ts";
import type { Workspace } from "./workspace.ts";

const plain = (path: string) => namesOf(path).join("/");

/**
 * What a tool that wrote these paths should say about them. A file counts although git ignores it or setup made its
 * folder, because a tool wrote it; a filter's raw content makes the change a patch only.
 */
export async function remarksOn(workspace: Workspace, paths: readonly string[]): Promise<string[]> {
  const { entries } = await baseFilesOf(workspace);
  const names = paths.map(plain);
  const fresh = names.map(bytePath).filter((path) => !entries.has(path));
  const ignored = new Set(await ignoredAmong(workspace, fresh));
  const attributes = await attributesOf(workspace, names);
  const submodules = new Set(standingSubmodules(workspace));
  return names.flatMap((path) => {
    const filter = storageFilterOf(attributes.get(path));
    const submodule = [...foldersAbove(bytePath(path))].find((folder) => submodules.has(folder));
    return [
      ...(submodule === undefined ? [] : [`${shownPath(path)} is in a submodule: it cannot be part of this change.`]),
      ...(ignored.has(path)
        ? [`git ignores ${shownPath(path)}; it is part of the change, because a tool wrote it.`]
        : []),
      ...(filter ? [`${shownPath(path)} belongs to the filter ${filter} (.gitattributes), ${FILTERED}`] : []),
    ];
  });
}

const FILTERED =
  "which does not run here: with raw content in it this change becomes a patch only. Leave it, or say so in the report.";

async function ignoredAmong(workspace: Workspace, paths: readonly BytePath[]): Promise<string[]> {
  const asked = belowFileNamed(".gitignore", workspace, paths);
  if (asked.length === 0) return [];
  try {
    const stdin = joinPaths(asked);
    const args = ["check-ignore", "-z", "--no-index", "--stdin"];
    return namesIn(await workspace.sandbox.git(workspace, args, { stdin }));
  } catch (error) {
    // 1: none of them is. Beyond a link or in a submodule git does not say; what is there is looked at when it counts.
    if (error instanceof GitFailed) return [];
    throw error;
  }
}

/** The files below a folder that count, for a tool that moves it; a file or a link that a tool names counts itself. */
export async function countedBelow(workspace: Workspace, path: string): Promise<BytePath[]> {
  const name = bytePath(plain(path));
  if (createLook(workspace).at(name).kind !== "folder") return [name];
  const { entries } = await baseFilesOf(workspace);
  const { marks } = workspace;
  // A name that is not UTF-8 cannot be said in an argument.
  const only = hasOpaque(path) ? [] : ["--", `:(top,literal)${plain(path)}`];
  const listing = await workspace.sandbox.git(workspace, ["ls-files", "-z", "--others", "--exclude-standard", ...only]);
  const fresh = splitPaths(listing).filter((one) => !isEnvironment(marks, one));
  return [...new Set([...entries.keys(), ...marks.written, ...fresh])].filter((one) => one.startsWith(`${name}/`));
}
