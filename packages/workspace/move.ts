import { readdir, rename, rmdir } from "node:fs/promises";
import { decodeUtf8 } from "../encoding/opaque.ts";
import { isCode } from "../filesystem/error-code.ts";
import { someListed } from "../text/lists.ts";
import { atPath, lstatOrNothing, type Spot } from "./descend.ts";
import { FileProblem } from "./file-problem.ts";
import { exists, folderMade } from "./files.ts";
import type { Journal } from "./journal.ts";
import { missing } from "./nearest-path.ts";
import { shownPath } from "./paths.ts";
import { placeIn } from "./spelling.ts";
import type { Workspace } from "./workspace.ts";

const MAX_NAMED = 10;

/** `to` is the new path itself. A folder is merged into a folder, as long as no file stands in the way. */
export const movePath = (
  workspace: Workspace,
  journal: Journal,
  from: string,
  to: string,
): Promise<{ from: string; to: string }> =>
  atPath(workspace, from, {}, async (source) => {
    const what = await lstatOrNothing(source.full);
    if (!what) throw await missing(workspace, source.path);
    return atPath(workspace, to, { make: folderMade(workspace, journal), exact: true }, async (target) => {
      if (source.path === target.path)
        throw new FileProblem(`${shownPath(from)} is there already. Name another target.`);
      if (target.path.startsWith(`${source.path}/`))
        throw new FileProblem(`${shownPath(from)} cannot be moved into itself.`);
      const there = await lstatOrNothing(target.full);
      if (!there) await renamed(workspace, journal, source, target);
      else if (!there.isDirectory()) throw exists(to);
      else if (!what.isDirectory())
        throw new FileProblem(
          `${shownPath(to)} is a folder. Give the new path itself, such as ${shownPath(`${target.path}/${source.name}`)}.`,
        );
      else await merge(workspace, journal, source, target);
      return { from: source.path, to: target.path };
    });
  });

async function renamed(workspace: Workspace, journal: Journal, source: Spot, target: Spot): Promise<void> {
  await rename(source.full, target.full).catch((error: unknown) => {
    if (isCode(error, "EINVAL")) throw new FileProblem(`${shownPath(source.path)} cannot be moved into itself.`);
    throw error;
  });
  journal.note(() =>
    atPath(workspace, target.path, {}, (now) =>
      atPath(workspace, source.path, { make: () => {} }, (then) => rename(now.full, then.full)),
    ),
  );
}

async function merge(workspace: Workspace, journal: Journal, source: Spot, target: Spot): Promise<void> {
  const inTheWay = await collisions(workspace, source.path, target.path);
  if (inTheWay.length > 0) {
    throw new FileProblem(
      `${shownPath(target.path)} has ${someListed(inTheWay.map(shownPath), MAX_NAMED)} already, so ${shownPath(source.path)} cannot be merged into it. Move or delete ${inTheWay.length === 1 ? "that file" : "those files"} first.`,
    );
  }
  await mergeEntries(workspace, journal, source.path, target.path);
}

/** Paths below the target that a file would have to replace. */
async function collisions(workspace: Workspace, from: string, to: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesIn(workspace, from)) {
    const [here, there] = await Promise.all([
      factsOf(workspace, `${from}/${name}`),
      factsOf(workspace, `${to}/${name}`),
    ]);
    if (!there) continue;
    if (here?.isDirectory() && there.isDirectory())
      found.push(...(await collisions(workspace, `${from}/${name}`, `${to}/${name}`)));
    else found.push(`${to}/${name}`);
  }
  return found;
}

async function mergeEntries(workspace: Workspace, journal: Journal, from: string, to: string): Promise<void> {
  for (const name of await namesIn(workspace, from)) {
    if (await factsOf(workspace, `${to}/${name}`))
      await mergeEntries(workspace, journal, `${from}/${name}`, `${to}/${name}`);
    else
      await atPath(workspace, `${from}/${name}`, {}, (source) =>
        atPath(workspace, `${to}/${name}`, {}, (target) => renamed(workspace, journal, source, target)),
      );
  }
  await atPath(workspace, from, {}, ({ full }) => rmdir(full));
  journal.note(() => atPath(workspace, `${from}/x`, { make: () => {} }, async () => {}));
}

const namesIn = (workspace: Workspace, path: string) =>
  atPath(workspace, path, {}, async ({ full }) => (await readdir(full, { encoding: "buffer" })).map(decodeUtf8));

const factsOf = (workspace: Workspace, path: string) =>
  atPath(workspace, path, {}, ({ folder, name }) => lstatOrNothing(placeIn(folder, name)));
