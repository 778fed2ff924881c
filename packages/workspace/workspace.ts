import { type Folders, foldersIn } from "../sandbox/folders.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { BaseFiles } from "./base-files.ts";
import { type Marks, noMarks } from "./marks.ts";

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
  baseFiles: { known?: Promise<BaseFiles> };
  /** Paths that were executable in this tree when a tool removed them. */
  removedPrograms: Set<string>;
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
    removedPrograms: new Set(),
  };
}
