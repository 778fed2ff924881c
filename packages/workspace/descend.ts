import { constants, type Stats } from "node:fs";
import { chown, type FileHandle, lstat, mkdir, open, readlink, realpath } from "node:fs/promises";
import { isCode } from "../filesystem/error-code.ts";
import { FileProblem } from "./file-problem.ts";
import { missing } from "./nearest-path.ts";
import { namesOf, shownPath } from "./paths.ts";
import { placeIn, spelledIn } from "./spelling.ts";
import type { Workspace } from "./workspace.ts";

/**
 * `folder` cannot be pointed elsewhere while it is used: on Linux it goes through an open descriptor. `path` is as the
 * repository spells it, which need not be how it was asked for.
 */
export type Spot = { folder: string; name: string; full: Buffer; path: string };

export type Descent = {
  /** Makes missing folders and tells their paths, outermost first. */
  make?: (path: string) => void;
  /** The last name is a new one and stands for itself alone. */
  exact?: boolean;
};

/**
 * Walks to the folder that holds `path`, one name at a time, without following a link: what was checked is what is
 * opened, even if a link takes a folder's place in between. A name that is not there may stand for the one that looks
 * like it.
 */
export async function atPath<T>(
  workspace: Workspace,
  path: string,
  { make, exact = false }: Descent,
  work: (spot: Spot) => Promise<T>,
): Promise<T> {
  const names = namesOf(path);
  const last = names.pop();
  if (last === undefined) throw new FileProblem("That is the root folder; name a file or folder in it.");
  const held: FileHandle[] = [];
  try {
    let folder = await hold(workspace.tree, held);
    const above: string[] = [];
    for (const step of names) {
      const name = await asSpelled(folder, step);
      const next = placeIn(folder, name);
      above.push(name);
      const so = above.join("/");
      if (make && (await makeFolder(workspace, next))) make(so);
      folder = await hold(next, held).catch((error: unknown) => explainStep(workspace, error, next, so, path));
    }
    const name = exact ? last : await asSpelled(folder, last);
    return await work({ folder, name, full: placeIn(folder, name), path: [...above, name].join("/") });
  } finally {
    await Promise.all(held.map((handle) => handle.close()));
  }
}

async function asSpelled(folder: string, name: string): Promise<string> {
  if (await lstatOrNothing(placeIn(folder, name))) return name;
  const spelled = await spelledIn(folder, name);
  if (spelled === undefined) return name;
  namesOf(spelled); // It must not be git's own either.
  return spelled;
}

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

async function hold(folder: string | Buffer, held: FileHandle[]): Promise<string> {
  const handle = await open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  held.push(handle);
  // Elsewhere (a laptop without Linux, where no command runs) the path itself must do.
  return process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : realpath(folder);
}

async function makeFolder({ sandbox: { owner } }: Workspace, folder: Buffer): Promise<boolean> {
  try {
    await mkdir(folder, 0o755);
    if (owner) await chown(folder, owner.uid, owner.gid);
    return true;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    return false;
  }
}

async function explainStep(
  workspace: Workspace,
  error: unknown,
  folder: Buffer,
  so: string,
  path: string,
): Promise<never> {
  const found = await lstatOrNothing(folder);
  if (!found) throw await missing(workspace, path, so);
  if (found.isSymbolicLink()) throw new FileProblem(await linkSentence(folder, so));
  if (!found.isDirectory()) throw new FileProblem(`${shownPath(so)} is not a folder.`);
  throw error;
}

export async function linkSentence(full: Buffer, path: string): Promise<string> {
  const target = await readlink(full).catch(() => "");
  return `${shownPath(path)} is a symbolic link to ${shownPath(target)}; links are not followed. Use the path of what it points to.`;
}

export const lstatOrNothing = (path: string | Buffer): Promise<Stats | undefined> =>
  lstat(path).catch((error: unknown) => {
    if (isCode(error, "ENOENT") || isCode(error, "ENOTDIR") || isCode(error, "ENAMETOOLONG")) return undefined;
    throw error;
  });
