import { chmod, lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { GitFailed } from "../sandbox/git-failed.ts";
import { FileProblem } from "./file-problem.ts";
import { MAX_CHANGED_FILE_BYTES } from "./limits.ts";
import type { Workspace } from "./workspace.ts";

/** git must not look at a tree in which this may stand. */
export class NestedRepositoryStays extends FileProblem {
  override name = "NestedRepositoryStays";
  constructor() {
    super("A command made a git repository inside this one, and its .git cannot be removed. Remove it with a command.");
  }
}

/**
 * Makes a tree in which commands ran one that git can look at. Their own folders and files that they closed are opened
 * again: rights are no part of a git tree, and what setup or a check did there can be taken away again.
 *
 * git runs the filters that a nested repository's own config names, so no `.git` may stay below the top: not as a
 * folder, a file or a link. One outside ignored folders would have become a submodule: it is removed and remembered,
 * and the change becomes a patch only. The one at the top is the commands' own (commands-git.ts), which git, told of
 * another, passes over by its name; neither do we look into it.
 * A .gitignore and its like that git cannot read is removed: no change can hold it.
 */
export async function settleTree(workspace: Workspace): Promise<void> {
  if (!workspace.suspect) return;
  await openRoot(workspace);
  const found = await openUpAndFind(workspace);
  workspace.suspect = false;
  const folders = split(found).map((path) => dirname(path).slice("./".length));
  if (folders.length === 0) return;
  const ignored = new Set(await ignoredAmong(workspace, folders));
  for (const folder of folders) if (!ignored.has(folder)) workspace.nestedRepositories.add(folder);
}

/** The folder itself: inside the sandbox nothing could even enter it. */
export async function openRoot({ tree }: Workspace): Promise<void> {
  const { mode } = await lstat(tree);
  if ((mode & 0o700) !== 0o700) await chmod(tree, mode | 0o700);
}

const NOT_THE_TOP = ["-path", "./.git", "-prune", "-o"];
const GIT_DIRS = ["-name", ".git", "-prune", "-print0"];
const REMOVE = 'chmod -R u+rwX -- "$@" 2>/dev/null; rm -rf -- "$@"';

/** git waits without end for who writes to such a FIFO, and takes such a file into memory whole, a sparse one too. */
const READ_BY_GIT = ["(", "-name", ".gitignore", "-o", "-name", ".gitattributes", "-o", "-name", ".gitmodules", ")"];
const UNREADABLE = ["(", "-type", "p", "-o", "-type", "f", "-size", `+${MAX_CHANGED_FILE_BYTES}c`, ")"];
const REMOVE_FILES = ["-exec", "rm", "-f", "--", "{}", "+"];

async function openUpAndFind(workspace: Workspace): Promise<Buffer> {
  const find = (more: readonly string[]) =>
    workspace.sandbox.program(workspace, ["find", ".", "-mindepth", "1", ...NOT_THE_TOP, ...more]);
  // One at a time, before find goes down into it; to writing, in which nothing hinders find, many at once.
  const openFolders = [
    ...["-type", "d", "!", "-perm", "-500", "-exec", "chmod", "u+rwx", "--", "{}", ";", "-o"],
    ...["-type", "d", "!", "-perm", "-200", "-exec", "chmod", "u+w", "--", "{}", "+"],
  ];
  const openFiles = ["-type", "f", "!", "-perm", "-400", "-exec", "chmod", "u+r", "--", "{}", "+"];
  const open = ["(", ...openFolders, "-o", ...openFiles, ")", "!", "-name", "*"];
  try {
    const removeGitDirs = [...GIT_DIRS, "-exec", "sh", "-c", REMOVE, "sh", "{}", "+"];
    return await find([...open, "-o", ...removeGitDirs, "-o", ...READ_BY_GIT, ...UNREADABLE, ...REMOVE_FILES]);
  } catch (error) {
    if (!(error instanceof GitFailed) || error.ended) throw error;
    // A part that find could not see (too deep a path) is none that git can see; a .git that is left is.
    const left = await find(GIT_DIRS).catch((again: unknown) =>
      again instanceof GitFailed ? again.stdout : undefined,
    );
    if (left === undefined || left.length > 0) throw new NestedRepositoryStays();
    return error.stdout;
  }
}

/** Without the index: git ends when it is asked about a path inside a submodule of it. */
async function ignoredAmong(workspace: Workspace, paths: readonly string[]): Promise<string[]> {
  try {
    const stdin = Buffer.from(`${paths.join("\0")}\0`);
    return split(await workspace.sandbox.git(workspace, ["check-ignore", "-z", "--no-index", "--stdin"], { stdin }));
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return []; // None of them is.
    throw error;
  }
}

const split = (listing: Buffer) => listing.toString("utf8").split("\0").filter(Boolean);
