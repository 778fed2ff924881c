import { readdirSync } from "node:fs";
import type { Reason } from "../jobs/reasons.ts";
import { baseFilesOf } from "./base-files.ts";
import { type BytePath, foldersAbove, placeOf, textPath } from "./byte-path.ts";
import { differingInMoreThanMode } from "./differing.ts";
import { MAX_CHANGED_BYTES, MAX_CHANGED_FILE_BYTES, MAX_CHANGED_FILES } from "./limits.ts";
import { listedPaths } from "./listed-paths.ts";
import { createLook, type Look } from "./look.ts";
import { isEnvironment, standingSubmodules } from "./marks.ts";
import { GITLINK, PROGRAM } from "./modes.ts";
import { readsAsGit } from "./paths.ts";
import {
  filledSubmodule,
  gitsName,
  leftByCommands,
  notAFile,
  tooLargeFile,
  tooManyBytes,
  tooManyFiles,
  tooManyToList,
} from "./refusals.ts";
import type { BaseFiles, Marks, Workspace } from "./workspace.ts";

type Candidate = { path: BytePath; kind: "file" | "link"; bytes: number };

/** What may differ from the base commit. */
export type Candidates = {
  gone: BytePath[];
  here: Candidate[];
  /** What cannot be part of a change, and why. */
  leftOut: BytePath[];
  notes: Reason[];
};

/**
 * The paths that count: all that the base tracks, all that a tool wrote, and what commands left anew where neither git
 * ignores it nor setup put it. What cannot be part of a change is named and left as the base has it.
 * The index must be the base's. Looked at before git reads a byte: a sparse file of 10 GB costs nothing to make.
 */
export async function candidatesOf(workspace: Workspace): Promise<Candidates | { refused: Reason }> {
  const base = await baseFilesOf(workspace);
  const { marks } = workspace;
  const listed = await changedPaths(workspace);
  const look = createLook(workspace);
  const gone = new Set(pathsBelowLinks(base, look));
  const fresh = [...listed.fresh.filter((path) => !isEnvironment(marks, path)), ...marks.written];
  const paths = [
    ...(await withoutPrograms(workspace, base, listed.tracked)),
    ...fresh.filter((path) => !base.entries.has(path)),
  ];
  const notes: Reason[] = [];
  const leftOut: BytePath[] = [];
  const leave = (path: BytePath, why: Reason) => {
    leftOut.push(path);
    notes.push(why);
  };
  const here: Candidate[] = [];
  const submodules = new Set(standingSubmodules(workspace));
  const below = (path: BytePath) => [...foldersAbove(path)].some((folder) => submodules.has(folder));
  for (const path of marks.removedSubmodules) gone.add(path);
  for (const path of new Set(paths)) {
    const entry = base.entries.get(path);
    const seen = look.at(path);
    if (path.split("/").some((name) => readsAsGit(textPath(name)))) leave(path, gitsName(textPath(path)));
    else if (seen.kind === "file" || seen.kind === "link") {
      if (below(path)) continue;
      if (seen.bytes > MAX_CHANGED_FILE_BYTES) leave(path, tooLargeFile(textPath(path), seen.bytes));
      else here.push({ path, kind: seen.kind, bytes: seen.bytes });
    } else if (seen.kind === "other") leave(path, notAFile(textPath(path), seen.what));
    else if (entry && !(entry.mode === GITLINK && seen.kind === "folder")) gone.add(path);
  }
  for (const { path } of here) gone.delete(path);
  notes.push(...intoSubmodules(workspace, look));
  if (!listed.whole) notes.push(tooManyToList());
  return fitting(
    { gone: [...gone], here, leftOut, notes },
    (path) => base.entries.has(path) || marks.written.has(path),
  );
}

/**
 * git's view: what it tracks and finds different or missing, and what is new and not ignored; nothing new where that is
 * more than can be listed.
 */
async function changedPaths(workspace: Workspace): Promise<{ tracked: BytePath[]; fresh: BytePath[]; whole: boolean }> {
  const ofTracked = ["ls-files", "-t", "-z", "--modified", "--deleted"];
  const ofFresh = ["--others", "--exclude-standard", ...environmentExcludes(workspace.marks)];
  const listed = await listedPaths(workspace, [...ofTracked, ...ofFresh]);
  const lines = listed.whole ? listed.paths : (await listedPaths(workspace, ofTracked)).paths;
  const tracked: BytePath[] = [];
  const fresh: BytePath[] = [];
  for (const line of lines) (line.startsWith("? ") ? fresh : tracked).push(line.slice(2));
  return { tracked, fresh, whole: listed.whole };
}

/**
 * A mode that setup gave is no change, however many files have it; where the base has it too, it hides that the run took
 * it away.
 */
async function withoutPrograms(workspace: Workspace, base: BaseFiles, tracked: BytePath[]): Promise<BytePath[]> {
  const { programs } = workspace.marks;
  if (programs.size === 0) return tracked;
  const otherwise = await differingInMoreThanMode(workspace);
  const hiding = [...programs].filter((path) => base.entries.get(path)?.mode === PROGRAM);
  return [...tracked.filter((path) => !programs.has(path) || otherwise.has(path)), ...hiding];
}

const MAX_EXCLUDES = 200;

/** So that git need not walk through a virtual environment; what is not excluded here is left out afterwards. */
export function environmentExcludes({ environment }: Marks): string[] {
  const folders = [...environment].filter((path) => path.endsWith("/") && /^[\x21-\x7e]+$/.test(path));
  return folders.slice(0, MAX_EXCLUDES).flatMap((path) => ["-x", `/${path.replace(/[\\*?[\]!#]/g, "\\$&")}`]);
}

/** Where a link took a folder's place, git may look through it and find the same files as before. */
function pathsBelowLinks(base: BaseFiles, look: Look): BytePath[] {
  const links = new Set([...base.folders].filter((path) => look.folder(path).kind === "link"));
  if (links.size === 0) return [];
  return [...base.entries.keys()].filter((path) => [...foldersAbove(path)].some((folder) => links.has(folder)));
}

/** git leaves out files put into a submodule's folder without a word; the model must not believe that it changed them. */
function intoSubmodules(workspace: Workspace, look: Look): Reason[] {
  const { environment, written } = workspace.marks;
  return standingSubmodules(workspace).flatMap((path) => {
    const byTool = [...written].some((one) => one.startsWith(`${path}/`));
    if (look.at(path).kind !== "folder" || (environment.has(`${path}/`) && !byTool)) return [];
    return readdirSync(placeOf(workspace, path)).length > 0 ? [filledSubmodule(textPath(path))] : [];
  });
}

/** What is too much is left out where commands left it; what a tool wrote and what the base tracks is kept. */
function fitting(found: Candidates, isKept: (path: BytePath) => boolean): Candidates | { refused: Reason } {
  const excess = excessOf(found);
  if (!excess) return found;
  const here = found.here.filter(({ path }) => isKept(path));
  const dropped = found.here.filter(({ path }) => !isKept(path)).map(({ path }) => path);
  const kept = {
    ...found,
    here,
    leftOut: [...found.leftOut, ...dropped],
    notes: [leftByCommands(dropped.length, excess), ...found.notes],
  };
  const still = excessOf(kept);
  return still || dropped.length === 0 ? { refused: still ?? excess } : kept;
}

function excessOf({ gone, here }: Candidates): Reason | undefined {
  const files = gone.length + here.length;
  if (files > MAX_CHANGED_FILES) return tooManyFiles(files);
  const bytes = here.reduce((total, one) => total + one.bytes, 0);
  return bytes > MAX_CHANGED_BYTES ? tooManyBytes(bytes) : undefined;
}
