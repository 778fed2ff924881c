/**
 * The working tree as the agent needs it; the door adapts packages/workspace to this. Paths are relative to the root,
 * with forward slashes. Whatever the model did wrong (no such file, a path outside the tree) is thrown as a TreeError:
 * its sentence goes back to the model. Any other error leaves the loop.
 */
export type Tree = {
  /** Files git tracks or would track (ignored ones left out), sorted by path; with globs, those that one matches. */
  list(globs?: readonly string[]): Promise<FileEntry[]>;
  read(path: string): Promise<Uint8Array>;
  /** Makes missing folders; keeps the mode of a file that exists. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** A file, a link or a whole folder. */
  remove(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** What is worth saying in the answer of a tool that wrote these paths: git ignores one, a filter keeps another. */
  remarks?(paths: readonly string[]): Promise<string[]>;
  search(query: SearchQuery): Promise<SearchResult>;
  /** Like `git status --short` against the base commit; empty when nothing changed. */
  status(): Promise<string>;
  /** Unified diff against the base commit, for reading. */
  diff(): Promise<string>;
  /** Absent when no sandbox tier is available: then no command tool is offered. */
  run?(command: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<CommandRun>;
};

export type FileEntry = { path: string; bytes: number; kind: "file" | "symlink" | "submodule" };

export type SearchQuery = {
  pattern: string;
  /** false: a POSIX extended regular expression, as in `git grep -E`. */
  literal: boolean;
  ignoreCase: boolean;
  /** git pathspecs with glob magic, `:(glob)**\/pom.xml` without its prefix; a file must match one. Empty: all files. */
  globs: readonly string[];
  maxMatches: number;
  timeoutMs: number;
};

export type SearchResult = {
  matches: { path: string; line: number; text: string }[];
  /** There were more than `maxMatches`. */
  truncated: boolean;
  timedOut: boolean;
};

export type CommandRun = {
  /** null: ended by the time-out or a signal. */
  exitCode: number | null;
  timedOut: boolean;
  durationMs: number;
  /** stdout and stderr as they came, capped and without terminal codes: the walls see to both. */
  output: string;
  /** The machine could not run it; a sentence that says why. */
  broken?: string;
};

/** A sentence for the model: what was wrong and what to do next. */
export class TreeError extends Error {
  override name = "TreeError";
}
