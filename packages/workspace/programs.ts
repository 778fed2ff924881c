import { lstat, readdir } from "node:fs/promises";
import { decodeUtf8 } from "../encoding/opaque.ts";
import { baseFilesOf } from "./base-files.ts";
import { bytePath } from "./byte-path.ts";
import { PROGRAM } from "./modes.ts";
import { placeIn } from "./spelling.ts";
import type { Workspace } from "./workspace.ts";

/** A file that is written where one was executable, in the base commit or in this tree, becomes executable again. */
export async function wasExecutable(workspace: Workspace, path: string): Promise<boolean> {
  if (workspace.removedPrograms.has(path)) return true;
  const { entries } = await baseFilesOf(workspace);
  return entries.get(bytePath(path))?.mode === PROGRAM;
}

/** Those of them that the base does not tell of: what an attempt that dies must leave to the next one. */
export async function removedProgramsOf(workspace: Workspace): Promise<string[]> {
  if (workspace.removedPrograms.size === 0) return [];
  const { entries } = await baseFilesOf(workspace);
  return [...workspace.removedPrograms].filter((path) => entries.get(bytePath(path))?.mode !== PROGRAM);
}

/** Notes the executable files in what was taken away from `path`. */
export async function rememberPrograms(workspace: Workspace, path: string, kept: Buffer): Promise<void> {
  const facts = await lstat(kept).catch(() => undefined); // Closed, or deeper than a path can say.
  if (!facts) return;
  if (facts.isFile() && (facts.mode & 0o100) !== 0) workspace.removedPrograms.add(path);
  if (!facts.isDirectory()) return;
  const entries = await readdir(kept, { encoding: "buffer" }).catch(() => []);
  for (const name of entries.map(decodeUtf8)) await rememberPrograms(workspace, `${path}/${name}`, placeIn(kept, name));
}
