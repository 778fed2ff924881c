import { cp, link, rm } from "node:fs/promises";
import { join } from "node:path";
import { baseFilesOf, baseTreeOf } from "./base-files.ts";
import { type BytePath, textPath } from "./byte-path.ts";
import { NO_MODE } from "./modes.ts";
import type { RawChange } from "./raw-change.ts";
import { readIndex, type TrackedEntry } from "./read-index.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The work tree's own index stays the base commit's, with what the checkout found out about each file. What becomes of
 * it is written into others, which begin as a second name of it: git never writes into an index, it puts a new one in
 * its place.
 */
type ChangedIndex = { index: "change-index" | "apply-index" };
export const CHANGE: ChangedIndex = { index: "change-index" };
export const TRIAL: ChangedIndex = { index: "apply-index" };

/** From the base each time: nothing that an earlier look left there can count. */
export async function beginAtBase(workspace: Workspace, { index }: ChangedIndex): Promise<void> {
  if (index === CHANGE.index) workspace.changeIndex.tree = undefined;
  const place = join(workspace.gitDir, index);
  // A git that was killed leaves its lock.
  for (const left of [place, `${place}.lock`]) await rm(left, { force: true });
  const own = join(workspace.gitDir, "index");
  // Its time says which files git has to look at again. Not every file system has a second name for a file.
  await link(own, place).catch(() => cp(own, place, { preserveTimestamps: true }));
}

/** The tree that the change is. */
export async function writeChange(workspace: Workspace): Promise<{ treeId: string; changes: RawChange[] }> {
  const treeId = (await workspace.sandbox.git(workspace, ["write-tree"], CHANGE)).toString("utf8").trim();
  workspace.changeIndex.tree = treeId;
  return { treeId, changes: await changesInIndex(workspace) };
}

/** An index that holds this tree: the base's own, or the one of the change. */
export async function indexOf(workspace: Workspace, treeId: string): Promise<{ index: string }> {
  if (treeId === (await baseTreeOf(workspace))) return { index: "index" };
  if (workspace.changeIndex.tree !== treeId) await readChange(workspace, treeId, []);
  return CHANGE;
}

/** The one in which most of what a tool wrote is tracked. */
export const newestIndex = (workspace: Workspace): { index?: string } =>
  workspace.changeIndex.tree === undefined ? {} : CHANGE;

/** Makes the change this tree. `-u`: its files as well. */
export async function readChange(workspace: Workspace, treeId: string, options: readonly "-u"[]): Promise<void> {
  await beginAtBase(workspace, CHANGE);
  await workspace.sandbox.git(workspace, ["read-tree", "--reset", ...options, treeId], CHANGE);
  workspace.changeIndex.tree = treeId;
}

/** How the change differs from the base commit, path by path, in git's order. */
export async function changesInIndex(workspace: Workspace): Promise<RawChange[]> {
  const before = (await baseFilesOf(workspace)).entries;
  const { entries: now } = await readIndex(workspace, CHANGE.index);
  const changes: RawChange[] = [];
  const add = (bytes: BytePath, old: TrackedEntry | undefined, entry: TrackedEntry | undefined) =>
    changes.push({
      path: textPath(bytes),
      bytes,
      oldMode: old?.mode ?? NO_MODE,
      newMode: entry?.mode ?? NO_MODE,
      newId: entry?.id ?? "0".repeat(workspace.baseCommit.length),
    });
  for (const [path, entry] of now) {
    const old = before.get(path);
    if (old?.id !== entry.id || old.mode !== entry.mode) add(path, old, entry);
  }
  for (const [path, old] of before) if (!now.has(path)) add(path, old, undefined);
  return changes.sort((a, b) => (a.bytes < b.bytes ? -1 : 1));
}
