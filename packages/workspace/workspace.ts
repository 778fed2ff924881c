import { type Folders, foldersIn } from "../sandbox/folders.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { BytePath } from "./byte-path.ts";
import type { IndexFile, TrackedEntry } from "./read-index.ts";

/**
 * One clone of one repository at a pinned commit. The git dir stands outside the tree, so nothing that a command puts
 * into the tree can become git's own configuration.
 */
export type Workspace = Folders & {
  baseCommit: string;
  sandbox: Sandbox;
  /** Paths that are submodules in the base commit; they stay empty and unchanged. */
  submodules: string[];
  /** false: there is only the git dir, as Publish needs it. */
  checkedOut: boolean;
  /** A command ran since the last look for repositories inside the tree. */
  suspect: boolean;
  /** Folders in which a command made a repository of its own; its `.git` was removed as soon as it was seen. */
  nestedRepositories: Set<string>;
  /** Who made what, as far as it decides what belongs to the change. */
  marks: Marks;
  /** Everything the base commit tracks, once something asked. */
  baseFiles: { known?: Promise<BaseFiles>; tree?: Promise<string>; index?: Promise<IndexFile> };
  /** The tree that the index of the change holds, where it is known. */
  changeIndex: { tree?: string | undefined };
  /** Paths that were executable in this tree when a tool removed them. */
  removedPrograms: Set<string>;
};

/** What the base commit tracks. */
export type BaseFiles = {
  entries: Map<BytePath, TrackedEntry>;
  /** The folders that its paths stand in, submodules left out. */
  folders: Set<BytePath>;
};

/**
 * Who made what, as far as it decides whether a path can be part of the change. One object for a workspace's life,
 * shared by its copies.
 */
export type Marks = {
  /** Files and links that a tool wrote: they count wherever they stand, also where git ignores them. */
  written: Set<BytePath>;
  /** What setup left behind: files, and folders with a slash at their end. Counts only where a tool wrote. */
  environment: Set<BytePath>;
  /** Files that setup made executable, for commands only: the tree has them as plain files. */
  programs: Set<BytePath>;
  /** Submodules of the base that a tool took away: what stands in their place is ordinary. */
  removedSubmodules: Set<BytePath>;
  /** Blobs that we wrote into the tree, by path: they are stored already as git would store them. */
  stored: Map<BytePath, string>;
  /** Where the environment is stored, once it is. */
  environmentKey?: string | undefined;
};

export function newWorkspace(facts: Pick<Workspace, "folder" | "baseCommit" | "sandbox" | "checkedOut">): Workspace {
  return {
    ...facts,
    ...foldersIn(facts.folder),
    submodules: [],
    suspect: false,
    nestedRepositories: new Set(),
    marks: noMarks(),
    baseFiles: {},
    changeIndex: {},
    removedPrograms: new Set(),
  };
}

const noMarks = (): Marks => ({
  written: new Set(),
  environment: new Set(),
  programs: new Set(),
  removedSubmodules: new Set(),
  stored: new Map(),
});
