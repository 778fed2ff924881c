import { decodeUtf8 } from "../encoding/opaque.ts";
import { GitFailed } from "../sandbox/git-failed.ts";
import { clip } from "../text/cut.ts";
import { baseFilesOf } from "./base-files.ts";
import type { BytePath } from "./byte-path.ts";
import { FileProblem } from "./file-problem.ts";
import { namesIn } from "./names.ts";
import { lookAt, OpenFolders } from "./open-folders.ts";
import { withLiteralBrackets, withPath } from "./path-or-glob.ts";
import { gitsOwn, readsAsGit } from "./paths.ts";
import { settleTree } from "./settle-tree.ts";
import type { Workspace } from "./workspace.ts";

export type FileEntry = { path: string; bytes: number; kind: "file" | "symlink" | "submodule" };

/** Stars that follow each other can be made slow on purpose. */
const GLOB_TIMEOUT_MS = 20_000;

type ListOptions = {
  timeoutMs?: number;
  /** What namesOf gives, where it is known since nothing was written. */
  names?: () => Promise<string[]>;
};

/**
 * What git tracks or would track and what a tool wrote, sorted by path; with globs, what one of them names: as the path
 * of a file or a folder, else as a glob. Other ignored files, FIFOs, devices and sockets are left out. Throws FileProblem
 * for a glob with which git cannot work.
 */
export async function listFiles(
  workspace: Workspace,
  globs: readonly string[] = [],
  { timeoutMs = GLOB_TIMEOUT_MS, names = () => trackedNames(workspace) }: ListOptions = {},
): Promise<FileEntry[]> {
  const known = await names();
  const ignored = writtenBut(known, workspace);
  const all = [...known, ...ignored];
  const matching = (some: readonly string[]) => matchedBy(workspace, some, { timeoutMs, ignored });
  const named = globs.length === 0 ? all : await namedBy(all, globs, matching);
  const submodules = new Set(workspace.submodules);
  using folders = new OpenFolders(workspace);
  return named.toSorted().flatMap((path): FileEntry[] => {
    if (submodules.has(path)) return [{ path, bytes: 0, kind: "submodule" }];
    const place = folders.placeOf(path);
    const facts = place && lookAt(place);
    if (facts?.isSymbolicLink()) return [{ path, bytes: facts.size, kind: "symlink" }];
    return facts?.isFile() ? [{ path, bytes: facts.size, kind: "file" }] : [];
  });
}

/** What git tracks or would track. It holds until something writes. */
export async function trackedNames(workspace: Workspace): Promise<string[]> {
  await settleTree(workspace);
  return namesIn(await workspace.sandbox.git(workspace, LS_FILES));
}

/** The same of a clone in which nothing has written. */
export const baseNamesOf = async (workspace: Workspace): Promise<string[]> =>
  [...(await baseFilesOf(workspace)).entries.keys()].map(nameOf);

const nameOf = (path: BytePath) => decodeUtf8(Buffer.from(path, "latin1"));

/** Part of the change also where git ignores it. */
function writtenBut(known: readonly string[], { marks }: Workspace): string[] {
  const listed = new Set(known);
  return [...marks.written].map(nameOf).filter((path) => !listed.has(path));
}

const LS_FILES = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];

type Matching = (globs: readonly string[]) => Promise<string[]>;

async function namedBy(all: string[], globs: readonly string[], matchedBy: Matching) {
  if (globs.some((glob) => glob.includes("\0"))) throw new FileProblem("A glob cannot hold a NUL character.");
  const gits = globs.find((glob) => glob.split("/").some(readsAsGit));
  if (gits !== undefined) throw gitsOwn(gits);
  const found = new Set<string>();
  const left: string[] = [];
  for (const glob of globs) {
    const paths = withPath(all, glob);
    for (const path of paths) found.add(path);
    if (paths.length > 0) continue;
    const literal = withLiteralBrackets(all, glob);
    const matching = literal === undefined ? [] : await matchedBy([literal]);
    for (const path of matching) found.add(path);
    if (matching.length === 0) left.push(glob);
  }
  for (const path of await matchedBy(left)) found.add(path);
  // A glob of folders means what is in them.
  if (found.size === 0) return matchedBy(left.map(inFolders));
  return [...found];
}

/** Against the whole path; a star stays within a folder, `**` does not. Without a slash it is meant for names anywhere. */
const pathspec = (glob: string) => `:(top,glob)${glob.includes("/") ? glob.replace(/^(\.?\/)+/, "") : `**/${glob}`}`;

const inFolders = (glob: string) => `${glob.includes("/") ? "" : "**/"}${glob.replace(/\/+$/, "")}/**`;

async function matchedBy(
  workspace: Workspace,
  globs: readonly string[],
  { timeoutMs, ignored }: { timeoutMs: number; ignored: readonly string[] },
): Promise<string[]> {
  if (globs.length === 0) return [];
  try {
    const only = ["--", ...globs.map(pathspec)];
    const known = namesIn(await workspace.sandbox.git(workspace, [...LS_FILES, ...only], { timeoutMs }));
    if (ignored.length === 0) return known;
    const others = await workspace.sandbox.git(workspace, ["ls-files", "-z", "--others", ...only], { timeoutMs });
    const named = new Set(namesIn(others));
    return [...known, ...ignored.filter((path) => named.has(path))];
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    const why =
      error.ended === "time" ? "it takes too long" : (/^fatal: (.*)$/m.exec(error.stderr)?.[1] ?? error.message);
    throw new FileProblem(
      `That glob does not work: ${clip(why, 300)}. Use a simpler one, with *, **, ?, [abc] and {a,b}.`,
    );
  }
}
