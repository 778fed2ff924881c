import { Buffer } from "node:buffer";
import { baseFilesOf } from "./base-files.ts";
import type { BytePath } from "./byte-path.ts";
import { atPath } from "./descend.ts";
import { FileProblem } from "./file-problem.ts";
import { makeLink, removePath, setExecutable, writeFile } from "./files.ts";
import { Journal } from "./journal.ts";
import { markMode, markMoved, markRemoved, markWritten } from "./marks.ts";
import { movePath } from "./move.ts";
import { rememberPrograms, wasExecutable } from "./programs.ts";
import { countedBelow, remarksOn } from "./remarks.ts";
import { settleTree } from "./settle-tree.ts";
import type { BaseFiles, Workspace } from "./workspace.ts";

export type FileChange =
  | { kind: "write"; path: string; bytes: Uint8Array; executable?: boolean }
  | { kind: "mode"; path: string; executable: boolean }
  | { kind: "link"; path: string; target: string }
  | { kind: "remove"; path: string }
  | { kind: "move"; from: string; to: string };

/** What one change did, with the paths as the repository spells them; `files` are those that counted in a folder. */
type Done =
  | { kind: "written" | "removed" | "mode"; path: string }
  | { kind: "moved"; from: string; to: string; files: BytePath[] };

export type ChangedFiles = { remarks: string[]; respelled: string[]; executable: string[] };

/** Makes all changes in order, or none of them. Throws FileProblem. */
export async function changeFiles(workspace: Workspace, changes: readonly FileChange[]): Promise<ChangedFiles> {
  await settleTree(workspace);
  const journal = new Journal(workspace);
  const done: Done[] = [];
  const executable: string[] = [];
  try {
    for (const [i, change] of changes.entries()) {
      done.push(
        await perform(workspace, journal, change, executable).catch((error: unknown) =>
          inTurn(error, i, changes.length),
        ),
      );
    }
  } catch (error) {
    await journal.undo();
    throw error;
  } finally {
    await journal.close();
  }
  const base = await baseFilesOf(workspace);
  for (const one of done) mark(workspace, base, one);
  const written = done.flatMap((one) => (one.kind === "moved" ? [one.to] : one.kind === "removed" ? [] : [one.path]));
  return {
    remarks: await remarksOn(workspace, [...new Set(written)]),
    respelled: respelledIn(changes, done),
    executable,
  };
}

/** What a tool did counts, wherever it stands. */
function mark(workspace: Workspace, base: BaseFiles, done: Done): void {
  if (done.kind === "moved") markMoved(workspace, { ...done, base });
  else if (done.kind === "removed") markRemoved(workspace, done.path);
  else if (done.kind === "mode") markMode(workspace, done.path);
  else markWritten(workspace, [done.path]);
}

async function perform(
  workspace: Workspace,
  journal: Journal,
  change: FileChange,
  executable: string[],
): Promise<Done> {
  switch (change.kind) {
    case "write": {
      const path = await writeFile(workspace, journal, change.path, change.bytes, async (spelled, before) => {
        if (change.executable !== undefined) return change.executable;
        if (before) return (before.mode & 0o100) !== 0;
        const was = await wasExecutable(workspace, spelled);
        if (was) executable.push(spelled);
        return was;
      });
      return { kind: change.executable === undefined ? "written" : "mode", path };
    }
    case "mode":
      return { kind: "mode", path: await setExecutable(workspace, journal, change.path, change.executable) };
    case "link":
      return { kind: "written", path: await makeLink(workspace, journal, change.path, change.target) };
    case "remove": {
      const { path, kept } = await removePath(workspace, journal, change.path);
      await rememberPrograms(workspace, path, Buffer.from(kept));
      return { kind: "removed", path };
    }
    case "move": {
      const from = await atPath(workspace, change.from, {}, async ({ path }) => path);
      const files = await countedBelow(workspace, from);
      return { kind: "moved", ...(await movePath(workspace, journal, from, change.to)), files };
    }
  }
}

function inTurn(error: unknown, i: number, of: number): never {
  if (of > 1 && error instanceof FileProblem)
    throw new FileProblem(`Change ${i + 1} of ${of} cannot be made, so none was. ${error.message}`, error.why);
  throw error;
}

function respelledIn(changes: readonly FileChange[], done: readonly Done[]): string[] {
  return done.flatMap((one, i) => {
    const change = changes[i]!;
    const [asked, path] = change.kind === "move" || one.kind === "moved" ? [] : [change.path, one.path];
    return path === undefined || plain(asked!) === path ? [] : [path];
  });
}

const plain = (path: string) =>
  path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .join("/");
