import type { KeptOutputs } from "./kept-outputs.ts";

/**
 * The working tree as the agent needs it; packages/work adapts packages/workspace to this. Paths are relative to the
 * root, with forward slashes. Whatever the model did wrong (no such file, a path outside the tree) is thrown as a
 * TreeError: its sentence goes back to the model. Any other error leaves the loop.
 */
export type Tree = {
  /**
   * Files that git tracks or would track and those that a tool wrote, sorted by path. With globs those that one of them
   * names: as the path of a file or a folder, else as a glob of git's, without a slash for names anywhere.
   */
  list(globs?: readonly string[]): Promise<FileEntry[]>;
  /** A path may also be given as a view shows it, or in another Unicode form, where that can mean one file only. */
  read(path: string): Promise<Uint8Array>;
  /** All of them in order, or none. Makes missing folders. */
  change(changes: readonly TreeFileChange[]): Promise<Changed>;
  search(query: SearchQuery): Promise<TreeSearchResult>;
  /** Like `git status --short` against the base commit; empty when nothing changed. */
  status(): Promise<string>;
  /** Unified diff against the base commit, for reading. */
  diff(): Promise<string>;
  /** The id of the git tree that the change stands for; undefined where git cannot take it. */
  treeId(): Promise<string | undefined>;
  /** Paths that differ from the base commit; none where git cannot take the tree. */
  changedPaths(): Promise<string[]>;
  base: BaseCommit;
  /** The whole outputs of commands, of which answers show a part. */
  outputs: KeptOutputs;
  /** Absent when no sandbox mode is available: then no command tool is offered. */
  run?(command: string, options: TreeCommandOptions): Promise<TreeCommandRun>;
};

/** The base commit's own files: nothing that runs here can write to them. */
type BaseCommit = {
  /** Paths of plain files; a name that is not UTF-8 finds none. */
  files(): Promise<string[]>;
  /** undefined: there is no such plain file, or it has more bytes than this. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
};

type FileEntry = { path: string; bytes: number; kind: "file" | "symlink" | "submodule" };

export type TreeFileChange =
  /** Keeps the mode that the path has or had, unless `executable` says otherwise. */
  | { kind: "write"; path: string; bytes: Uint8Array; executable?: boolean }
  | { kind: "mode"; path: string; executable: boolean }
  /** In place of a link or of nothing. */
  | { kind: "link"; path: string; target: string }
  /** A file, a link or a whole folder. */
  | { kind: "remove"; path: string }
  /** `to` is the new path itself; a folder is merged into a folder, a file never replaces one. */
  | { kind: "move"; from: string; to: string };

/** What is worth saying about changes that were made. */
export type Changed = {
  /** Sentences about paths that were written: git ignores one, a filter keeps another. */
  remarks: string[];
  /** Paths that the repository spells otherwise than the call did. */
  respelled: string[];
  /** New files that became executable because they were so before. */
  executable: string[];
};

type SearchQuery = {
  pattern: string;
  /** false: a regular expression as PCRE reads it. */
  literal: boolean;
  ignoreCase: boolean;
  /** As in `list`; a file must match one. Empty: all files. */
  globs: readonly string[];
  maxMatches: number;
  /** The first match of each file is enough. */
  onePerFile?: boolean;
  /** In files of more bytes than this a match comes with what stands around it. */
  nearInFilesOver?: number;
  timeoutMs: number;
};

export type TreeSearchResult = {
  /** `column` counts from 1; `text` is the line, or what stands around the match in a long one. */
  matches: Match[];
  /** There were more than `maxMatches`. */
  truncated: boolean;
  timedOut: boolean;
  files: { searched: number; all: number };
  /** Binary files whose bytes match. */
  binaries: string[];
  /** Searched in this encoding, which is a guess. */
  guessed: { path: string; encoding: string }[];
  leftOut: LeftOut[];
};

export type Match = {
  path: string;
  line: number;
  column: number;
  text: string;
  cut: boolean;
  /** What stands around it in the file, and where in that it begins. */
  near?: { text: string; at: number };
};

/** Paths that were not searched, and why. A folder that git ignores ends with a slash. */
export type LeftOut = {
  why:
    | "ignored"
    | "submodule"
    | "LFS pointer"
    | "too large"
    | "unreadable"
    | "hard link"
    | "too slow"
    | "unknown encoding";
  paths: string[];
};

type TreeCommandOptions = {
  timeoutMs: number;
  /** What it may reach outside, to read packages; absent: nothing. */
  network?: "registries";
  signal?: AbortSignal;
};

export type TreeCommandRun = {
  /** null: ended by the time-out or a signal. */
  exitCode: number | null;
  timedOut: boolean;
  durationMs: number;
  /** stdout and stderr as they came, cut and without terminal codes: the sandbox sees to both. */
  output: string;
  /** The machine could not run it; a sentence that says why. */
  broken?: string;
};

/** A sentence for the model: what was wrong and what to do next. */
export class TreeError extends Error {
  override name = "TreeError";
  readonly why: "missing" | "too large" | undefined;

  constructor(message: string, why?: "missing" | "too large") {
    super(message);
    this.why = why;
  }
}
