import { keptOutputs } from "../agent/kept-outputs.ts";
import { type Tree, TreeError } from "../agent/tree.ts";
import { applyPatch } from "../workspace/apply.ts";
import { baseHolds } from "../workspace/base-holds.ts";
import { changeFiles } from "../workspace/change-files.ts";
import { withFreshGit } from "../workspace/commands-git.ts";
import { FileProblem } from "../workspace/file-problem.ts";
import { readFile } from "../workspace/files.ts";
import { listFiles } from "../workspace/list.ts";
import { removedProgramsOf } from "../workspace/programs.ts";
import { trackedBy } from "../workspace/put-back.ts";
import { plainBaseFiles, readBaseFile } from "../workspace/read-base.ts";
import { runCommand } from "../workspace/run-command.ts";
import { searchFiles } from "../workspace/search/search.ts";
import { afterCheck, afterSetup, filledSubmodules } from "../workspace/states.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { gitKnowledge } from "./git-knowledge.ts";

/** Kept as a whole; what is shown of it is much less. */
const MAX_COMMAND_BYTES = 1024 * 1024;

/** The workspace as the agent's tools see it. `asCloned`: nothing has written to it since it was cloned. */
export function createTree(workspace: Workspace, { asCloned = false } = {}) {
  const git = gitKnowledge(workspace, { asCloned });
  let changed = false;
  const touched = () => {
    git.forget();
    changed = true;
  };
  const touching = async <Result>(work: Promise<Result>) => {
    touched();
    return asked(work).finally(touched);
  };

  const tree: Tree = {
    list: (globs) => asked(listFiles(workspace, globs, { names: git.names })),
    read: (path) => asked(readFile(workspace, path)),
    change: (changes) => touching(changeFiles(workspace, changes)),
    search: (query) => asked(searchFiles(workspace, query, git.names)),
    status: () => asked(git.status()),
    diff: () => asked(git.diff()),
    treeId: async () => {
      const recorded = await git.record();
      return "refused" in recorded ? undefined : recorded.treeId;
    },
    changedPaths: async () => {
      const recorded = await git.record();
      return "refused" in recorded ? [] : recorded.changes.map(({ path }) => path);
    },
    base: {
      files: () => plainBaseFiles(workspace),
      read: (path, maxBytes) => readBaseFile(workspace, path, maxBytes),
    },
    outputs: keptOutputs(),
    ...(workspace.sandbox.mode !== "off" && {
      run: (command, options) => touching(runCommand(workspace, { ...options, command, maxBytes: MAX_COMMAND_BYTES })),
    }),
  };

  const { marks, nestedRepositories, removedPrograms } = workspace;
  return {
    ...tree,
    /** What a run's tree is besides its files: the next attempt must know it to go on with the same one. */
    marks,
    nestedRepositories,
    removedPrograms,
    removedProgramsToKeep: () => removedProgramsOf(workspace),
    /** Makes a fresh clone what it was when this patch was taken. */
    apply(bytes: Uint8Array) {
      git.forget();
      return applyPatch(workspace, bytes);
    },
    baseHolds: (words: string) => baseHolds(workspace, words),
    /** Something outside the tools may have written. */
    touched,
    /** Nothing can have written since the clone, so there is no change, and git need not be asked for it. */
    isUntouched: git.isUntouched,
    /** Runs the setup command: it prepares, and never changes. Says which tracked files had to be put back. */
    async setUp<Result>(run: () => Promise<Result>): Promise<{ result: Result; putBack: string[] }> {
      const before = await git.record();
      try {
        const result = await run();
        return { result, putBack: "refused" in before ? [] : await afterSetup(workspace, before) };
      } finally {
        git.forget();
      }
    },
    /** Runs a check: the tree stays what it was, and what git found out about it holds. */
    async checked<Result>(run: () => Promise<Result>): Promise<Result> {
      const before = await git.record();
      const filled = new Set(filledSubmodules(workspace));
      try {
        return await withFreshGit(workspace, run);
      } finally {
        git.forgetNames();
        if ("refused" in before) touched();
        else await afterCheck(workspace, before, filled);
      }
    },
    /** What the tree has become since the base commit. */
    patch: git.patch,
    /** Paths that a tool wrote and that are not there now: a command that makes them again makes them count. */
    async writtenAndGone(): Promise<string[]> {
      const { written } = workspace.marks;
      const recorded = await git.record();
      if ("refused" in recorded || written.size === 0) return [];
      const { modes } = await trackedBy(workspace, recorded);
      return [...written].filter((path) => !modes.has(path));
    },
    /** The tree as a patch; undefined when nothing was written since the last one, "refused" where no patch can hold it. */
    async snapshotIfChanged(): Promise<Uint8Array | "refused" | undefined> {
      if (!changed) return undefined;
      changed = false;
      const taken = await git.patch();
      // A change that must not be published (a nested repository, a submodule) is gone on with all the same.
      return taken.refused ? "refused" : taken.patch;
    },
  };
}

export type WorkspaceTree = ReturnType<typeof createTree>;

/** What the model asked wrongly goes back to it as a sentence; anything else leaves the loop. */
async function asked<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof FileProblem) throw new TreeError(error.message, error.why);
    throw error;
  }
}
