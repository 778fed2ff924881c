import { type BytePath, bytePath, foldersAbove } from "./byte-path.ts";
import { GITLINK, NO_MODE, SYMLINK } from "./modes.ts";
import { namesOf } from "./paths.ts";
import type { RawChange } from "./raw-change.ts";
import type { BaseFiles, Marks, Workspace } from "./workspace.ts";

const named = (path: string): BytePath => bytePath(namesOf(path).join("/"));
const isFile = (mode: string) => mode !== GITLINK && mode !== SYMLINK;
const isBelow = (path: BytePath, folder: BytePath) => path === folder || path.startsWith(`${folder}/`);

/** A tool wrote these files or links. */
export function markWritten({ marks }: Workspace, paths: readonly string[]): void {
  for (const path of paths) marks.written.add(named(path));
}

/** A tool said whether this file is a program: what setup did to its mode does not matter any more. */
export function markMode({ marks }: Workspace, path: string): void {
  marks.programs.delete(named(path));
  marks.written.add(named(path));
}

/** A tool took a file, a link or a folder away: what a command leaves there later is the command's. */
export function markRemoved({ marks, submodules }: Workspace, path: string): void {
  const folder = named(path);
  for (const one of submodules.map(bytePath)) if (isBelow(one, folder)) marks.removedSubmodules.add(one);
  for (const one of marks.written) if (isBelow(one, folder)) marks.written.delete(one);
}

/**
 * A tool moved a file, a link or a folder; `files` are the paths that counted there before, see countedBelow. What git
 * has of a file goes along with it, so that the next edit is of that.
 */
export function markMoved(
  workspace: Workspace,
  { from, to, files, base }: { from: string; to: string; files: readonly BytePath[]; base: BaseFiles },
): void {
  const { marks } = workspace;
  const [old, now] = [named(from), named(to)];
  const programs = [...marks.programs].filter((one) => isBelow(one, old));
  markRemoved(workspace, from);
  for (const one of files.filter((path) => isBelow(path, old))) {
    const moved = now + one.slice(old.length);
    marks.written.add(moved);
    const entry = base.entries.get(one);
    const id = marks.stored.get(one) ?? (entry && isFile(entry.mode) ? entry.id : undefined);
    if (id !== undefined) marks.stored.set(moved, id);
    else marks.stored.delete(moved);
  }
  for (const one of programs) {
    marks.programs.delete(one);
    marks.programs.add(now + one.slice(old.length));
  }
}

/** A patch of this run's was applied: it says what the run wrote and took away. */
export function markPatch(workspace: Workspace, changes: readonly RawChange[]): void {
  const { marks } = workspace;
  for (const { bytes, oldMode, newMode } of changes) {
    if (oldMode === NO_MODE) marks.written.add(bytes);
    if (oldMode === GITLINK && newMode !== GITLINK) marks.removedSubmodules.add(bytes);
  }
  markStored(workspace, changes);
}

/** These entries of a tree were written out, byte for byte. */
export function markStored({ marks }: Workspace, entries: readonly RawChange[]) {
  for (const { bytes, newMode, newId } of entries)
    if (newMode !== NO_MODE && newMode !== GITLINK) marks.stored.set(bytes, newId);
}

/** Submodules of the base that still are some: nothing below them can be part of a change. */
export const standingSubmodules = ({ submodules, marks }: Workspace): BytePath[] =>
  submodules.map(bytePath).filter((path) => !marks.removedSubmodules.has(path));

/** Set up, not written: the path itself or a folder above it. */
export function isEnvironment({ environment }: Marks, path: BytePath): boolean {
  if (environment.size === 0) return false;
  if (environment.has(path) || environment.has(`${path}/`)) return true;
  for (const folder of foldersAbove(path)) if (environment.has(`${folder}/`)) return true;
  return false;
}
