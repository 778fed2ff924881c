import type { Reason } from "../jobs/reasons.ts";
import { megabytes } from "../text/counts.ts";
import { clip } from "../text/cut.ts";
import { MAX_CHANGED_BYTES, MAX_CHANGED_FILE_BYTES, MAX_CHANGED_FILES } from "./limits.ts";
import { GITLINK } from "./modes.ts";
import { shownPath } from "./paths.ts";
import type { RawChange } from "./raw-change.ts";

const cut = shownPath;

const tooLarge = (message: string): Reason => ({
  code: "change-too-large",
  message,
  nextStep: "Ask for a smaller change, or add generated files to .gitignore.",
});

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

const submodule = (message: string): Reason => ({
  code: "submodule-changed",
  message,
  nextStep: "Run the task in the submodule's own repository.",
});

/** As long as something of it is part of the change. */
export function nestedRepository(folders: ReadonlySet<string>, changes: readonly RawChange[]): Reason | undefined {
  const folder = [...folders].find((one) => changes.some(({ path }) => path.startsWith(`${one}/`)));
  return folder === undefined
    ? undefined
    : {
        code: "nested-repository",
        message: `A command made a git repository inside this one, in ${cut(folder)}; its .git was removed.`,
        nextStep: "If these files belong here, refine the job and ask for them as plain files.",
      };
}

const unreadable = (message: string): Reason => ({
  code: "tree-unreadable",
  message: clip(message, 500),
  nextStep: "Download the patch, or ask for the change again without that file.",
});

/** git's own words name the path: a broken encoding, a file that may not be read. */
export const unreadableTree = (error: Error): Reason => ({
  ...unreadable(`git could not record the changed files: ${error.message}`),
  nextStep: "Ask for the change again, without the file that git names.",
});

export const unreadablePath = (path: string, why: string) => unreadable(`${cut(path)} is not in the change: ${why}`);

export const gitsName = (path: string) =>
  unreadable(`${cut(path)} is not in the change: invalid path '${cut(path)}', its name is git's own on some machine.`);

export const notAFile = (path: string, what: string) =>
  unreadable(`${cut(path)} is not in the change: it is ${what} now.`);

export const otherEncoding = (path: string): Reason => ({
  code: "encoding-mismatch",
  message: `${cut(path)} is not in the encoding that .gitattributes names for it; its bytes are kept as they are.`,
  nextStep: "Download the patch, or ask for that file in the encoding of its neighbours.",
});

/** A filter such as Git LFS keeps the content elsewhere, or encrypts it; none runs here. */
export const rawContent = (path: string, filter: string): Reason => ({
  code: filter === "lfs" ? "lfs-content" : "filtered-content",
  message: `${cut(path)} belongs to the filter ${cut(filter)} (.gitattributes); the change holds its raw content.`,
  nextStep: `Apply the patch in a clone that has ${filter === "lfs" ? "Git LFS" : "that filter"}, and commit there.`,
});
