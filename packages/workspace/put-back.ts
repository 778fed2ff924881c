import { randomUUID } from "node:crypto";
import { chmodSync, lstatSync } from "node:fs";
import { chown, mkdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { wipe } from "../filesystem/wipe.ts";
import { baseFilesOf } from "./base-files.ts";
import { type BytePath, foldersAbove, joinPaths, placeOf } from "./byte-path.ts";
import { indexOf } from "./change-index.ts";
import { differingInMoreThanMode, differingPaths } from "./differing.ts";
import { createLook, type Look, type Seen } from "./look.ts";
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
 * difference is that it became a program stays one on the disk where `staysProgram` says so. What the recorded tree
 * could not take in stays as it stands: nothing else holds it. Returns the paths that were written or taken away,
 * those programs, and the index that holds the recorded tree.
 */
export async function putBack(workspace: Workspace, state: RecordedTree, staysProgram: (path: BytePath) => boolean) {
  const index = await indexOf(workspace, state.treeId);
  const { modes, removed } = await trackedBy(workspace, state);
  const look = createLook(workspace);
  const shared = sharedFiles(modes.keys(), look);
  const differing = new Set([
    ...(await differingPaths(workspace, index)),
    ...belowLinks(modes.keys(), look),
    ...shared,
  ]);
  for (const path of state.leftOut) differing.delete(path);
  const programs = new Set(
    [...differing].filter((path) => {
      const seen = look.at(path);
      return modes.get(path) === PLAIN_FILE && seen.kind === "file" && seen.program && staysProgram(path);
    }),
  );
  const otherwise = programs.size > 0 ? await differingInMoreThanMode(workspace, index) : undefined;
  const back = removed.filter((path) => ["file", "link", "other"].includes(look.at(path).kind));
  const touched = [...differing].filter((path) => !programs.has(path) || otherwise?.has(path) || shared.has(path));

  await takeAway(workspace, back);
  await write(
    workspace,
    touched.filter((path) => modes.get(path) !== GITLINK),
    index,
  );
  for (const path of touched.filter((one) => modes.get(one) === GITLINK)) await emptyFolder(workspace, path);
  const written = new Set(touched);
  markStored(
    workspace,
    state.changes.filter(({ bytes }) => written.has(bytes)),
  );
  for (const path of programs) chmodSync(placeOf(workspace, path), 0o755);
  return { touched: [...touched, ...back], programs, index };
}

/** Where a link took a folder's place, git may look through it and find the same files as before. */
function belowLinks(paths: Iterable<BytePath>, look: Look): BytePath[] {
  return [...paths].filter((path) => [...foldersAbove(path)].some((folder) => look.folder(folder).kind === "link"));
}

/** Hard links: what a command writes under the other name must not arrive here, and no tool would touch the file. */
function sharedFiles(paths: Iterable<BytePath>, look: Look): Set<BytePath> {
  return new Set([...paths].filter((path) => isShared(look.at(path))));
}

const isShared = (seen: Seen) => seen.kind === "file" && seen.shared;

async function write(workspace: Workspace, paths: readonly BytePath[], of: { index: string }): Promise<void> {
  if (paths.length === 0) return;
  const look = createLook(workspace);
  for (const path of paths) {
    openFoldersAbove(workspace, path, look);
    const seen = look.at(path);
    if (seen.kind === "folder") await takeFolderAway(workspace, path);
    // git would leave it, since its content is the same.
    else if (isShared(seen)) await rm(placeOf(workspace, path), { force: true });
  }
  const stdin = joinPaths(paths);
  await workspace.sandbox.git(workspace, ["checkout-index", "-f", "-u", "-q", "-z", "--stdin"], { stdin, ...of });
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

/**
 * A submodule's place, as a clone has it. Where a link took the place of a folder above, that link goes: what it points
 * to may be outside the tree.
 */
export async function emptyFolder(workspace: Workspace, path: BytePath): Promise<void> {
  openFoldersAbove(workspace, path, createLook(workspace));
  for (const folder of [...foldersAbove(path)].toReversed())
    if (createLook(workspace).at(folder).kind !== "folder") await makeAnew(workspace, folder);
  await makeAnew(workspace, path);
}

async function makeAnew(workspace: Workspace, folder: BytePath): Promise<void> {
  const place = placeOf(workspace, folder);
  if (createLook(workspace).at(folder).kind === "folder") await takeFolderAway(workspace, folder);
  else await rm(place, { force: true });
  await mkdir(place);
  const { owner } = workspace.sandbox;
  if (owner) await chown(place, owner.uid, owner.gid);
}

/** However deep it is and whatever is closed in it, which git would not remove. */
async function takeFolderAway(workspace: Workspace, folder: BytePath): Promise<void> {
  const place = placeOf(workspace, folder);
  const aside = join(dirname(workspace.gitDir), `aside-${randomUUID()}`);
  chmodSync(place, 0o700);
  await rename(place, aside);
  await wipe(aside);
}

/** Removes the files and links at these paths, never through a link, and the folders that are empty without it. */
export async function takeAway(workspace: Workspace, paths: readonly BytePath[]): Promise<void> {
  const look = createLook(workspace);
  const folders = new Set<BytePath>();
  for (const path of paths) {
    openFoldersAbove(workspace, path, look);
    if (look.at(path).kind === "nothing") continue;
    await rm(placeOf(workspace, path), { force: true });
    for (const folder of foldersAbove(path)) folders.add(folder);
  }
  for (const folder of [...folders].toSorted((a, b) => b.length - a.length))
    await rmdir(placeOf(workspace, folder)).catch(() => {}); // Something is still in it.
}
