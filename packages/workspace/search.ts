import { FileProblem } from "./file-problem.ts";
import { GitFailed } from "./git-failed.ts";
import { MAX_SEARCH_BYTES } from "./limits.ts";
import { pathspec } from "./list.ts";
import { settleTree } from "./settle-tree.ts";
import type { Workspace } from "./workspace.ts";

export type SearchQuery = {
  pattern: string;
  /** false: a POSIX extended regular expression. */
  literal: boolean;
  ignoreCase: boolean;
  /** Of git, such as `**\/pom.xml`, against the whole path; a file must match one. None: all files. */
  globs: readonly string[];
  maxMatches: number;
  timeoutMs: number;
};

export type SearchResult = {
  matches: { path: string; line: number; text: string }[];
  /** There were more. */
  truncated: boolean;
  timedOut: boolean;
};

const MAX_LINE_CHARS = 500;

/** `git grep` over tracked and new files, ignored and binary ones left out. Throws FileProblem for a bad pattern. */
export async function searchFiles(workspace: Workspace, query: SearchQuery): Promise<SearchResult> {
  if (!query.pattern) throw new FileProblem("The pattern is empty. Say what to search for.");
  if ([query.pattern, ...query.globs].some((one) => one.includes("\0")))
    throw new FileProblem("A pattern cannot hold a NUL character.");
  await settleTree(workspace);
  const found = await grep(workspace, query);
  const matches = parseMatches(found.output);
  return {
    matches: matches.slice(0, query.maxMatches),
    truncated: matches.length > query.maxMatches || found.ended === "output",
    timedOut: found.ended === "time",
  };
}

async function grep(workspace: Workspace, { pattern, literal, ignoreCase, globs, timeoutMs }: SearchQuery) {
  const options = ["--untracked", "--no-color", "-n", "-I", "-z", literal ? "-F" : "-E", ...(ignoreCase ? ["-i"] : [])];
  const args = ["grep", ...options, "-e", pattern, "--", ...globs.map(pathspec)];
  try {
    return { output: await workspace.walls.git(workspace, args, { timeoutMs, maxBytes: MAX_SEARCH_BYTES }) };
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    if (error.ended) return { output: error.stdout, ended: error.ended };
    if (error.exitCode === 1) return { output: Buffer.alloc(0) };
    const why = /^fatal: (?:command line, )?(.*)$/m.exec(error.stderr)?.[1] ?? error.message;
    throw new FileProblem(`The search does not work: ${why.slice(0, 300)}. Correct it or search literally.`);
  }
}

/** `path\0line\0text\n` each; the last one may be cut. */
const parseMatches = (output: Buffer) =>
  [...output.toString("utf8").matchAll(/([^\0\n]+)\0(\d+)\0([^\n]*)\n/g)].map(([, path = "", line, text = ""]) => ({
    path,
    line: Number(line),
    text: text.slice(0, MAX_LINE_CHARS),
  }));
