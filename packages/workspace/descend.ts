import { constants, type Stats } from "node:fs";
import { chown, type FileHandle, lstat, mkdir, open, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { FileProblem } from "./file-problem.ts";
import { namesOf, shown } from "./paths.ts";
import type { Workspace } from "./workspace.ts";

/** `folder` cannot be pointed elsewhere while it is used: on Linux it goes through an open descriptor. */
export type Spot = { folder: string; name: string; full: string };

/**
 * Walks to the folder that holds `path`, one name at a time, without following a link: what was checked is what is
 * opened, even if a link takes a folder's place in between. Makes missing folders when `create` is set.
 */
export async function atPath<T>(
  workspace: Workspace,
  path: string,
  options: { create?: boolean },
  work: (spot: Spot) => Promise<T>,
): Promise<T> {
  const names = namesOf(path);
  const name = names.pop();
  if (name === undefined) throw new FileProblem("That is the root folder; name a file or folder in it.");
  const held: FileHandle[] = [];
  try {
    let folder = await hold(workspace.tree, held);
    for (const [i, step] of names.entries()) {
      const next = join(folder, step);
      const so = names.slice(0, i + 1).join("/");
      if (options.create) await makeFolder(workspace, next);
      folder = await hold(next, held).catch((error: unknown) => explainStep(error, next, so));
    }
    return await work({ folder, name, full: join(folder, name) });
  } finally {
    await Promise.all(held.map((handle) => handle.close()));
  }
}

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

async function hold(folder: string, held: FileHandle[]): Promise<string> {
  const handle = await open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  held.push(handle);
  // Elsewhere (a laptop without Linux, where no command runs) the path itself must do.
  return process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : realpath(folder);
}

async function makeFolder({ walls: { owner } }: Workspace, folder: string) {
  try {
    await mkdir(folder, 0o755);
    if (owner) await chown(folder, owner.uid, owner.gid);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
}

async function explainStep(error: unknown, folder: string, so: string): Promise<never> {
  const found = await lstatOrNothing(folder);
  if (!found) throw new FileProblem(`There is no folder ${shown(so)}. List the files to see what there is.`);
  if (found.isSymbolicLink()) throw new FileProblem(await linkSentence(folder, so));
  if (!found.isDirectory()) throw new FileProblem(`${shown(so)} is not a folder.`);
  throw error;
}

export async function linkSentence(full: string, path: string): Promise<string> {
  const target = await readlink(full).catch(() => "");
  return `${shown(path)} is a symbolic link to ${shown(target)}; links are not followed. Use the path of what it points to.`;
}

export const lstatOrNothing = (path: string): Promise<Stats | undefined> =>
  lstat(path).catch((error: unknown) => {
    if (isCode(error, "ENOENT") || isCode(error, "ENOTDIR")) return undefined;
    throw error;
  });

export const isCode = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;
