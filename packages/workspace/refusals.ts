import { because, type Reason } from "../jobs/reasons.ts";
import { megabytes } from "../text/counts.ts";
import { MAX_CHANGED_BYTES, MAX_CHANGED_FILE_BYTES, MAX_CHANGED_FILES } from "./limits.ts";
import { GITLINK } from "./modes.ts";
import { shownPath } from "./paths.ts";
import type { RawChange } from "./raw-change.ts";

const cut = shownPath;

const tooLarge = (message: string) => because("change-too-large", message);

export const patchTooLarge = (bytes: number) => tooLarge(`The patch is too large: more than ${megabytes(bytes)}.`);

export const tooManyFiles = (files: number) =>
  tooLarge(`${files.toLocaleString("en")} files changed; at most ${MAX_CHANGED_FILES.toLocaleString("en")} can.`);

export const tooManyBytes = (bytes: number) =>
  tooLarge(`The changed files have ${megabytes(bytes)} together; at most ${megabytes(MAX_CHANGED_BYTES)} can change.`);

export const tooLargeFile = (path: string, bytes: number) =>
  tooLarge(`${cut(path)} has ${megabytes(bytes)}; a changed file can have ${megabytes(MAX_CHANGED_FILE_BYTES)}.`);

export const tooManyToList = () =>
  tooLarge("Commands left more new files than can be listed. None of them is in the change.");

/** The rest of the change is kept. */
export const leftByCommands = (files: number, excess: Reason): Reason => ({
  ...excess,
  message: `${excess.message} ${files.toLocaleString("en")} new files that commands left are not in it.`,
});

export const filledSubmodule = (path: string) =>
  submodule(`${cut(path)} is a submodule; the files written into it cannot be part of this change.`);

export function submoduleChange(changes: readonly RawChange[]): Reason | undefined {
  const change = changes.find(({ oldMode, newMode }) => oldMode === GITLINK || newMode === GITLINK);
  return change && submodule(`The change touches the submodule ${cut(change.path)}.`);
}

const submodule = (message: string) => because("submodule-changed", message);

/** As long as something of it is part of the change. */
export function nestedRepository(folders: ReadonlySet<string>, changes: readonly RawChange[]): Reason | undefined {
  const folder = [...folders].find((one) => changes.some(({ path }) => path.startsWith(`${one}/`)));
  return folder === undefined ? undefined : because("nested-repository", cut(folder));
}

const unreadable = (message: string) => because("tree-unreadable", message, "a file");

/** git's own words name the path: a broken encoding, a file that may not be read. */
export const unreadableTree = (error: Error) =>
  because("tree-unreadable", `git could not record the changed files: ${error.message}`, "git's words");

export const unreadablePath = (path: string, why: string) => unreadable(`${cut(path)} is not in the change: ${why}`);

export const gitsName = (path: string) =>
  unreadable(`${cut(path)} is not in the change: invalid path '${cut(path)}', its name is git's own on some machine.`);

export const notAFile = (path: string, what: string) =>
  unreadable(`${cut(path)} is not in the change: it is ${what} now.`);

export const otherEncoding = (path: string) => because("encoding-mismatch", cut(path));

/** A filter such as Git LFS keeps the content elsewhere, or encrypts it; none runs here. */
export const rawContent = (path: string, filter: string) =>
  filter === "lfs" ? because("lfs-content", cut(path)) : because("filtered-content", cut(path), cut(filter));
