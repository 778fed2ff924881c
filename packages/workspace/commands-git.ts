import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, chown, cp, lstat, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { wipe } from "../filesystem/wipe.ts";
import { openRoot } from "./settle-tree.ts";
import { templateOf } from "./template.ts";
import type { Workspace } from "./workspace.ts";

/**
 * The repository that commands see: a plain `.git` at the top of the tree. It is theirs: they may write anything into
 * it, so nothing of ours ever reads more of it than whether it stands, and nothing in it counts. Our own git has its
 * git dir elsewhere, by an explicit path, and passes over every `.git` by its name.
 */
const placeIn = ({ tree }: Workspace) => join(tree, ".git");

/** Before each command: one that deletes the repository or puts something else there has a new one in the next. */
export async function standGit(workspace: Workspace): Promise<void> {
  if (!workspace.checkedOut || (await stands(workspace))) return;
  await openRoot(workspace);
  await remove(workspace);
  const made = aside(workspace);
  try {
    await cp(templateOf(workspace), made, {
      recursive: true,
      preserveTimestamps: true,
      mode: constants.COPYFILE_FICLONE,
    });
    await giveAway(made, workspace);
    await rename(made, placeIn(workspace));
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

/** A check finds it as a clone has it, whatever commands did to theirs, and leaves nothing in it to them. */
export async function withFreshGit<Result>(workspace: Workspace, work: () => Promise<Result>): Promise<Result> {
  const kept = (await stands(workspace)) ? aside(workspace) : undefined;
  if (kept !== undefined) await moveAway(workspace, kept);
  try {
    return await work();
  } finally {
    await openRoot(workspace);
    await remove(workspace);
    if (kept !== undefined) await rename(kept, placeIn(workspace));
  }
}

const aside = ({ gitDir }: Workspace) => join(dirname(gitDir), `aside-${randomUUID()}`);

async function stands(workspace: Workspace): Promise<boolean> {
  const look = (...names: string[]) => lstat(join(placeIn(workspace), ...names)).catch(() => undefined);
  const [folder, head, objects] = [await look(), await look("HEAD"), await look("objects")];
  return !!folder?.isDirectory() && !!head?.isFile() && !!objects?.isDirectory();
}

async function remove(workspace: Workspace): Promise<void> {
  const found = await lstat(placeIn(workspace)).catch(() => undefined);
  if (!found) return;
  const gone = aside(workspace);
  await moveAway(workspace, gone);
  await wipe(gone);
}

/** A folder can only be moved by who may write to it. */
async function moveAway(workspace: Workspace, to: string): Promise<void> {
  const place = placeIn(workspace);
  const found = await lstat(place);
  if (found.isDirectory() && (found.mode & 0o700) !== 0o700) await chmod(place, found.mode | 0o700);
  await rename(place, to);
}

/** git refuses a repository that is another user's. */
async function giveAway(folder: string, { sandbox: { owner } }: Workspace): Promise<void> {
  if (!owner) return;
  const names = await readdir(folder, { recursive: true });
  await Promise.all(["", ...names].map((name) => chown(join(folder, name), owner.uid, owner.gid)));
}
