import { constants, type Stats } from "node:fs";
import { lchown, open, rename, rmdir, symlink, unlink } from "node:fs/promises";
import { isCode } from "../filesystem/error-code.ts";
import { atPath, linkSentence, lstatOrNothing, type Spot } from "./descend.ts";
import { FileProblem } from "./file-problem.ts";
import type { Journal } from "./journal.ts";
import { MAX_READ_BYTES } from "./limits.ts";
import { missing } from "./nearest-path.ts";
import { shownPath } from "./paths.ts";
import type { Workspace } from "./workspace.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Throws FileProblem for anything but a plain file of this tree. */
export const readFile = (workspace: Workspace, path: string): Promise<Uint8Array> =>
  atPath(workspace, path, {}, async (spot) => {
    // Non-blocking: opening a FIFO would wait for a writer for ever.
    const handle = await open(spot.full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((e: unknown) =>
      explain(workspace, e, spot),
    );
    try {
      const facts = await handle.stat();
      mustBePlain(facts, spot.path);
      if (facts.size > MAX_READ_BYTES) {
        const bytes = facts.size.toLocaleString("en");
        throw new FileProblem(
          `${shownPath(path)} has ${bytes} bytes, too many to read. Search in it instead.`,
          "too large",
        );
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  });

/** Makes missing folders; a file that exists keeps its mode. The new bytes appear all at once. Gives the path as it is spelled. */
export const writeFile = (
  workspace: Workspace,
  journal: Journal,
  path: string,
  bytes: Uint8Array,
  executable: (path: string, before: Stats | undefined) => Promise<boolean>,
): Promise<string> =>
  atPath(workspace, path, { make: folderMade(workspace, journal) }, async (spot) => {
    const before = await lstatOrNothing(spot.full);
    if (before) await mustBeFile(before, spot);
    const mode = (await executable(spot.path, before)) ? 0o755 : 0o644;
    const spare = journal.spare();
    const handle = await open(spare, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    try {
      const { owner } = workspace.sandbox;
      if (owner) await handle.chown(owner.uid, owner.gid);
      await handle.chmod(mode);
      await handle.writeFile(bytes);
    } finally {
      await handle.close();
    }
    await putInPlace(workspace, journal, spare, spot, before);
    return spot.path;
  });

/** In place of another link, or of nothing. */
export const makeLink = (workspace: Workspace, journal: Journal, path: string, target: string): Promise<string> =>
  atPath(workspace, path, { make: folderMade(workspace, journal) }, async (spot) => {
    if (target.includes("\0") || !target.isWellFormed())
      throw new FileProblem("A link's target cannot hold a NUL character or half of a surrogate pair.");
    const before = await lstatOrNothing(spot.full);
    if (before && !before.isSymbolicLink()) throw exists(spot.path);
    const spare = journal.spare();
    await symlink(target, spare);
    const { owner } = workspace.sandbox;
    if (owner) await lchown(spare, owner.uid, owner.gid);
    await putInPlace(workspace, journal, spare, spot, before);
    return spot.path;
  });

export const setExecutable = (workspace: Workspace, journal: Journal, path: string, to: boolean): Promise<string> =>
  atPath(workspace, path, {}, async (spot) => {
    const change = async (place: Buffer, wanted: number) => {
      const handle = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((e: unknown) =>
        explain(workspace, e, spot),
      );
      try {
        const facts = await handle.stat();
        mustBePlain(facts, spot.path);
        await handle.chmod(wanted);
        return facts.mode & 0o777;
      } finally {
        await handle.close();
      }
    };
    const before = await change(spot.full, to ? 0o755 : 0o644);
    journal.note(() => atPath(workspace, spot.path, {}, async ({ full }) => void (await change(full, before))));
    return spot.path;
  });

/** A file, a link (never what it points to) or a whole folder. Tells where it is kept until the call has succeeded. */
export const removePath = (
  workspace: Workspace,
  journal: Journal,
  path: string,
): Promise<{ path: string; kept: string }> =>
  atPath(workspace, path, {}, async (spot) => {
    if (!(await lstatOrNothing(spot.full))) throw await missing(workspace, spot.path);
    return { path: spot.path, kept: await journal.takeAway(spot.full, putBack(workspace, spot.path)) };
  });

async function putInPlace(
  workspace: Workspace,
  journal: Journal,
  spare: string,
  { full, path }: Spot,
  before: Stats | undefined,
): Promise<void> {
  if (before) await journal.takeAway(full, putBack(workspace, path));
  else journal.note(() => atPath(workspace, path, {}, ({ full }) => unlink(full)));
  await rename(spare, full);
}

const putBack = (workspace: Workspace, path: string) => (kept: string) =>
  atPath(workspace, path, {}, ({ full }) => rename(kept, full));

/** A folder that was made for a call that fails is taken away again, when it is empty. */
export const folderMade = (workspace: Workspace, journal: Journal) => (path: string) =>
  journal.note(() => atPath(workspace, path, {}, ({ full }) => rmdir(full)));

async function mustBeFile(facts: Stats, { full, path }: Spot): Promise<void> {
  if (facts.isSymbolicLink()) throw new FileProblem(await linkSentence(full, path));
  mustBePlain(facts, path);
}

function mustBePlain(facts: Stats, path: string): void {
  if (facts.isDirectory())
    throw new FileProblem(`${shownPath(path)} is a folder. List the files to see what is in it.`);
  if (!facts.isFile()) throw new FileProblem(`${shownPath(path)} is not a regular file.`);
  if (facts.nlink > 1) {
    throw new FileProblem(
      `${shownPath(path)} is a hard link, which may be a file outside the repository. Copy it first.`,
    );
  }
}

async function explain(workspace: Workspace, error: unknown, spot: Spot): Promise<never> {
  const found = await lstatOrNothing(spot.full);
  if (!found) throw await missing(workspace, spot.path);
  if (found.isSymbolicLink() || !found.isFile()) await mustBeFile(found, spot);
  if (isCode(error, "EACCES")) throw new FileProblem(`${shownPath(spot.path)} may not be opened: its mode forbids it.`);
  throw error;
}

export const exists = (path: string) =>
  new FileProblem(`${shownPath(path)} exists already. Remove it first or choose another name.`);
