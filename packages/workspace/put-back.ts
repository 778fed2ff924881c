import { chmodSync, lstatSync } from "node:fs";
import { chown, mkdir, rm, rmdir } from "node:fs/promises";
import { baseFilesOf } from "./base-files.ts";
import { type BytePath, foldersAbove, joinPaths, placeOf, splitPaths } from "./byte-path.ts";
import { createLook, type Look } from "./look.ts";
import { markStored } from "./marks.ts";
import { GITLINK, NO_MODE, PLAIN_FILE } from "./modes.ts";
import type { RecordedTree } from "./record.ts";
import type { Workspace } from "./workspace.ts";

/** What a recorded tree tracks, and what of the base it has not. */
export async function trackedBy(workspace: Workspace, { changes }: RecordedTree) {
  const modes = new Map([...(await baseFilesOf(workspace)).entries].map(([path, { mode }]) => [path, mode]));
  const removed: BytePath[] = [];
  for (const { bytes, newMode } of changes) {
    if (newMode !== NO_MODE) modes.set(bytes, newMode);
    else if (modes.delete(bytes)) removed.push(bytes);
  }
  return { modes, removed };
}

/**
 * What a recorded tree tracks stands again as it does there, and what it has not of the base is gone. A file whose only
 * difference is that it became a program stays one on the disk where `staysProgram` says so. Returns the paths that
 * were written or taken away, and those programs.
 */
export async function putBack(workspace: Workspace, state: RecordedTree, staysProgram: (path: BytePath) => boolean) {
  await workspace.walls.git(workspace, ["read-tree", "--reset", state.treeId]);
  const { modes, removed } = await trackedBy(workspace, state);
  const look = createLook(workspace);
  const differing = new Set([...(await differingPaths(workspace)), ...belowLinks(modes.keys(), look)]);
  const programs = [...differing].filter((path) => {
    const seen = look.at(path);
    return modes.get(path) === PLAIN_FILE && seen.kind === "file" && seen.program && staysProgram(path);
  });
  const otherwise = programs.length > 0 ? await differingPaths(workspace, ["-c", "core.fileMode=false"]) : undefined;
  const back = removed.filter((path) => ["file", "link", "other"].includes(look.at(path).kind));
  const touched = [...differing].filter((path) => !programs.includes(path) || otherwise?.has(path));

  await takeAway(workspace, back);
  await write(
    workspace,
    touched.filter((path) => modes.get(path) !== GITLINK),
  );
  for (const path of touched.filter((one) => modes.get(one) === GITLINK)) await emptyFolder(workspace, path);
  const written = new Set(touched);
  markStored(
    workspace,
    state.changes.filter(({ bytes }) => written.has(bytes)),
  );
  for (const path of programs) chmodSync(placeOf(workspace, path), 0o755);
  return { touched: [...touched, ...back], programs };
}

const differingPaths = async (workspace: Workspace, settings: readonly string[] = []): Promise<Set<BytePath>> =>
  new Set(splitPaths(await workspace.walls.git(workspace, [...settings, "ls-files", "-z", "--modified", "--deleted"])));

/** Where a link took a folder's place, git may look through it and find the same files as before. */
function belowLinks(paths: Iterable<BytePath>, look: Look): BytePath[] {
  return [...paths].filter((path) => [...foldersAbove(path)].some((folder) => look.folder(folder).kind === "link"));
}

async function write(workspace: Workspace, paths: readonly BytePath[]): Promise<void> {
  if (paths.length === 0) return;
  const look = createLook(workspace);
  for (const path of paths) openFoldersAbove(workspace, path, look);
  const stdin = joinPaths(paths);
  await workspace.walls.git(workspace, ["checkout-index", "-f", "-u", "-q", "-z", "--stdin"], { stdin });
}

/** A command may have closed its folders to writing. A link is left alone: git puts a folder in its place. */
function openFoldersAbove(workspace: Workspace, path: BytePath, look: Look): void {
  for (const folder of [...foldersAbove(path)].toReversed()) {
    if (look.folder(folder).kind !== "folder") return;
    const place = placeOf(workspace, folder);
    const { mode } = lstatSync(place);
    if ((mode & 0o700) !== 0o700) chmodSync(place, mode | 0o700);
  }
}

/** A submodule's place, as a clone has it. */
export async function emptyFolder(workspace: Workspace, path: BytePath): Promise<void> {
  const place = placeOf(workspace, path);
  openFoldersAbove(workspace, path, createLook(workspace));
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  const { owner } = workspace.walls;
  if (owner) await chown(place, owner.uid, owner.gid);
}

/** Removes what stands at these paths, and the folders that are empty without it. */
export async function takeAway(workspace: Workspace, paths: readonly BytePath[]): Promise<void> {
  const look = createLook(workspace);
  const folders = new Set<BytePath>();
  for (const path of paths) {
    openFoldersAbove(workspace, path, look);
    await rm(placeOf(workspace, path), { force: true, recursive: true });
    for (const folder of foldersAbove(path)) folders.add(folder);
  }
  for (const folder of [...folders].toSorted((a, b) => b.length - a.length))
    await rmdir(placeOf(workspace, folder)).catch(() => {}); // Something is still in it.
}
