import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Reason } from "../jobs/outcome.ts";
import type { GitFailed } from "./git-failed.ts";
import { MAX_CHANGED_BYTES, MAX_CHANGED_FILE_BYTES, MAX_CHANGED_FILES } from "./limits.ts";
import type { RawChange } from "./record.ts";
import type { Workspace } from "./workspace.ts";

const GITLINK = "160000";
const mb = (bytes: number) => `${Math.round(bytes / 1024 / 1024).toLocaleString("en")} MB`;
const cut = (path: string) => (path.length > 200 ? `${path.slice(0, 200)}...` : path);

const tooLarge = (message: string): Reason => ({
  code: "change-too-large",
  message,
  nextStep: "Ask for a smaller change, or add generated files to .gitignore.",
});

export const patchTooLarge = (bytes: number) => tooLarge(`The patch is too large: more than ${mb(bytes)}.`);

/** Looked at before git reads a byte: a sparse file of 10 GB costs nothing to make. */
export async function oversizedChange(workspace: Workspace): Promise<Reason | undefined> {
  if (!workspace.checkedOut) return undefined;
  const listing = await workspace.walls.git(workspace, [
    ...["ls-files", "-z", "--modified", "--others", "--exclude-standard"],
  ]);
  const paths = splitBytes(listing);
  if (paths.length > MAX_CHANGED_FILES)
    return tooLarge(
      `${paths.length.toLocaleString("en")} files changed; at most ${MAX_CHANGED_FILES.toLocaleString("en")} can.`,
    );
  const root = Buffer.from(`${workspace.tree}/`);
  let total = 0;
  for (const path of paths) {
    const bytes = await lstat(Buffer.concat([root, path])).then(
      ({ size }) => size,
      () => 0,
    );
    if (bytes > MAX_CHANGED_FILE_BYTES)
      return tooLarge(
        `${cut(path.toString("utf8"))} has ${mb(bytes)}; a changed file can have ${mb(MAX_CHANGED_FILE_BYTES)}.`,
      );
    total += bytes;
  }
  return total > MAX_CHANGED_BYTES
    ? tooLarge(`The changed files have ${mb(total)} together; at most ${mb(MAX_CHANGED_BYTES)} can change.`)
    : filledSubmodule(workspace);
}

/** git silently leaves out files put into a submodule's folder; the model must not believe that it changed them. */
async function filledSubmodule(workspace: Workspace): Promise<Reason | undefined> {
  for (const path of workspace.submodules) {
    const entries = await readdir(join(workspace.tree, path)).catch(() => []);
    if (entries.length > 0)
      return submodule(`${cut(path)} is a submodule; the files written into it cannot be part of this change.`);
  }
  return undefined;
}

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

/** git's own words name the path: a `.GIT`, a file nobody may read, a broken encoding. */
export const unreadableTree = (error: GitFailed): Reason => ({
  code: "tree-unreadable",
  message: `git could not record the changed files: ${error.message}`.slice(0, 500),
  nextStep: "Ask for the change again, without the file that git names.",
});

function splitBytes(listing: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let from = 0; from < listing.length; ) {
    const to = listing.indexOf(0, from);
    parts.push(listing.subarray(from, to));
    from = to + 1;
  }
  return parts;
}
