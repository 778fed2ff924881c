import { fileStarts } from "../diff/file-starts.ts";
import type { Reason } from "../jobs/reasons.ts";
import { GitFailed } from "../sandbox/git-failed.ts";
import { baseTreeOf } from "./base-files.ts";
import { MAX_PATCH_BYTES } from "./limits.ts";
import { SYMLINK } from "./modes.ts";
import type { RawChange } from "./raw-change.ts";
import { recordTree } from "./record.ts";
import { nestedRepository, patchTooLarge, submoduleChange } from "./refusals.ts";
import type { Workspace } from "./workspace.ts";

export type TakenPatch = {
  /** `git diff --binary --full-index` from the base commit; no bytes when nothing changed. */
  patch: Uint8Array;
  /** The git tree that the work tree stands for, see record.ts. */
  treeId: string;
  files: number;
  additions: number;
  deletions: number;
  /** Every path that changed, old and new names of renames both. */
  paths: string[];
  /** Why there is no patch: the change is too much, or git cannot look at the tree. */
  refused?: Reason;
  /** Why the patch must not be published by itself; it holds all that could be taken, which may be nothing. */
  patchOnly?: Reason;
};

const DIFF = ["diff-tree", "-r", "--no-ext-diff", "--no-textconv", "--no-color"];
/** With the index at hand git may read a file of the work tree in place of the blob, with other bytes in it. */
const NO_INDEX = { index: "none" };
const PREFIXES = ["--src-prefix=a/", "--dst-prefix=b/"];

/**
 * What the work tree has become, as bytes that give exactly this tree on a fresh clone of the base commit. Where nothing
 * was written since the tree was recorded, that record is given, here and below.
 */
export async function takePatch(workspace: Workspace, record = recordTree(workspace)): Promise<TakenPatch> {
  const recorded = await record;
  if ("refused" in recorded) return { ...(await nothing(workspace)), refused: recorded.refused };
  const { treeId, changes, notes } = recorded;
  if (changes.length === 0) return { ...(await nothing(workspace)), ...(notes[0] && { patchOnly: notes[0] }) };
  const range = [workspace.baseCommit, treeId];
  const git = (args: readonly string[]) => workspace.sandbox.git(workspace, args, NO_INDEX);
  const facts = { treeId, paths: changes.map(({ path }) => path) };
  const counted = async () => parseCounts(await git([...DIFF, "-M", "--numstat", ...range]));
  const asPatch = [...PREFIXES, "-p", "--binary", "--full-index", ...range];
  const [patchOnly] = objections(workspace, changes, notes);
  try {
    // Counts and patch in one look at the files, unless they see renames differently.
    const { counts, made } = removesSymlink(changes)
      ? { counts: await counted(), made: await git([...DIFF, "--no-renames", ...asPatch]) }
      : countsAndPatch(await git([...DIFF, "-M", "--numstat", ...asPatch]));
    const patch = readableHeaders(made, changes);
    if (patch.length > MAX_PATCH_BYTES)
      return { ...facts, ...counts, patch: new Uint8Array(), refused: patchTooLarge(patch.length) };
    return { ...facts, ...counts, patch, ...(patchOnly && { patchOnly }) };
  } catch (error) {
    if (error instanceof GitFailed && error.ended === "output")
      return { ...facts, ...(await counted()), patch: new Uint8Array(), refused: patchTooLarge(MAX_PATCH_BYTES) };
    throw error;
  }
}

/** An empty line stands between the two; a quoted name has no line feed. */
function countsAndPatch(printed: Buffer) {
  const end = printed.indexOf("\n\n");
  return { counts: parseCounts(printed.subarray(0, end + 1)), made: printed.subarray(end + 2) };
}

/**
 * `git apply` finds no name in a header such as `diff --git a/x /y b/x /y`, a folder whose name ends with a space, where
 * no other line has it: a binary file, an empty one, a new mode (apply.c, git_header_name). Quoted, it does.
 */
function readableHeaders(patch: Buffer, changes: readonly RawChange[]): Buffer {
  if (!changes.some(({ bytes }) => bytes.includes(" /"))) return patch;
  const pieces: Buffer[] = [];
  let done = 0;
  for (const at of fileStarts(patch)) {
    const end = patch.indexOf(LINE_FEED, at);
    const path = /^diff --git a\/(.* \/.*) b\/\1$/.exec(patch.toString("latin1", at, end))?.[1];
    if (path === undefined) continue;
    pieces.push(patch.subarray(done, at), Buffer.from(`diff --git "a/${path}" "b/${path}"`, "latin1"));
    done = end;
  }
  return done === 0 ? patch : Buffer.concat([...pieces, patch.subarray(done)]);
}

const LINE_FEED = 10;

/** Nothing of a change without files is worth a word. */
function objections({ nestedRepositories }: Workspace, changes: readonly RawChange[], notes: readonly Reason[]) {
  if (changes.length === 0) return notes;
  const found = [submoduleChange(changes), nestedRepository(nestedRepositories, changes)];
  return [...found.filter((one) => one !== undefined), ...notes];
}

/** Like `git status --short` against the base commit, behind what is wrong with it; empty when nothing changed. */
export async function statusText(workspace: Workspace, record = recordTree(workspace)): Promise<string> {
  const recorded = await record;
  if ("refused" in recorded) return `${recorded.refused.message}\n`;
  const { treeId, changes, notes } = recorded;
  const wrong = objections(workspace, changes, notes)
    .slice(0, MAX_OBJECTIONS)
    .map(({ message }) => message);
  const head = wrong.length > 0 ? `${wrong.join("\n")}\n${PATCH_ONLY}\n` : "";
  if (changes.length === 0) return head;
  const range = [workspace.baseCommit, treeId];
  const status = await workspace.sandbox.git(workspace, [...DIFF, "-M", "--name-status", ...range], NO_INDEX);
  return head + status.toString("utf8").replace(/^([A-Z])\d*\t([^\t\n]*)(?:\t(.*))?$/gm, shortStatus);
}

const MAX_OBJECTIONS = 10;
const PATCH_ONLY = "Like this the change becomes a patch only, without a pull request.";

const shortStatus = (_: string, letter: string, path: string, to?: string) =>
  `${letter}  ${path}${to === undefined ? "" : ` -> ${to}`}`;

/** The change as text to read; binary files are only named. */
export async function diffOf(workspace: Workspace, record = recordTree(workspace)): Promise<string> {
  const recorded = await record;
  if ("refused" in recorded) return `${recorded.refused.message}\n`;
  const { treeId, changes, notes } = recorded;
  if (changes.length === 0) return notes.map(({ message }) => `${message}\n`).join("");
  const range = [workspace.baseCommit, treeId];
  const diff = await workspace.sandbox.git(workspace, [...DIFF, "-M", ...PREFIXES, "-p", ...range], NO_INDEX);
  return diff.toString("utf8");
}

async function nothing(workspace: Workspace) {
  return {
    patch: new Uint8Array(),
    treeId: await baseTreeOf(workspace),
    files: 0,
    additions: 0,
    deletions: 0,
    paths: [],
  };
}

/**
 * A renamed symlink stands in a patch without its mode, so `git apply` does not see that the link is gone, and refuses
 * a file below its old name as "beyond a symbolic link" (apply.c, prepare_symlink_changes, git 2.39).
 */
const removesSymlink = (changes: readonly RawChange[]) =>
  changes.some(({ oldMode, newMode }) => oldMode === SYMLINK && newMode !== SYMLINK);

/** `added\tdeleted\tpath`, a quoted name where it is odd; `-` for binary files. */
function parseCounts(numstat: Buffer) {
  const lines = [...numstat.toString("latin1").matchAll(/^(\d+|-)\t(\d+|-)\t/gm)];
  const sum = (group: 1 | 2) => lines.reduce((total, line) => total + (Number(line[group]) || 0), 0);
  return { files: lines.length, additions: sum(1), deletions: sum(2) };
}
