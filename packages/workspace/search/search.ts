import { GitFailed } from "../../sandbox/git-failed.ts";
import { newestIndex } from "../change-index.ts";
import { FileProblem } from "../file-problem.ts";
import { listFiles } from "../list.ts";
import { namesIn } from "../names.ts";
import { OpenFolders } from "../open-folders.ts";
import type { Workspace } from "../workspace.ts";
import { createMatcher } from "./matcher.ts";
import { Search, type SearchQuery, type SearchResult } from "./one-search.ts";

/** Tracked and new files, line by line, in the encoding of each. Throws FileProblem for a bad pattern. */
export async function searchFiles(
  workspace: Workspace,
  query: SearchQuery,
  names?: () => Promise<string[]>,
): Promise<SearchResult> {
  if (!query.pattern) throw new FileProblem("The pattern is empty. Say what to search for.");
  if (!query.pattern.isWellFormed())
    throw new FileProblem("The pattern holds half of a surrogate pair. Search for whole characters.");
  if (query.pattern.includes("\0")) throw new FileProblem("A pattern cannot hold a NUL character.");
  const deadline = performance.now() + query.timeoutMs;
  const matcher = createMatcher(query);
  const entries = await listFiles(workspace, query.globs, { ...(names && { names }) });
  const files = entries.filter(({ kind }) => kind === "file");
  const search = new Search(query, matcher, deadline);
  using folders = new OpenFolders(workspace);
  for (let at = 0; at < files.length && !search.over(); ) {
    at += await search.batch(folders, files.slice(at));
  }
  const submodules = entries.filter(({ kind }) => kind === "submodule").map(({ path }) => path);
  const ignored = search.found.length === 0 ? await ignoredBy(workspace, query.globs) : [];
  return search.result(files.length, [
    { why: "submodule", paths: search.found.length === 0 ? submodules : [] },
    { why: "ignored", paths: ignored },
  ]);
}

/** Whole folders where all of one is ignored; those that the globs can mean. */
async function ignoredBy(workspace: Workspace, globs: readonly string[]): Promise<string[]> {
  const args = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
  const starts = globs.map((glob) => glob.replace(/^(\.?\/)+/, "").replace(/[^/]*[*?[{\\].*$/s, ""));
  try {
    const ignored = namesIn(
      await workspace.sandbox.git(workspace, args, { ...newestIndex(workspace), timeoutMs: 5_000 }),
    );
    return ignored.filter(
      (path) => globs.length === 0 || starts.some((start) => path.startsWith(start) || start.startsWith(path)),
    );
  } catch (error) {
    if (error instanceof GitFailed) return [];
    throw error;
  }
}
