import { branchTip } from "./refs.ts";
import { askGit } from "./run-git.ts";
import type { ForgePullRequest } from "./state.ts";

export type Mergeability = { conflicts: boolean; behind: boolean };

const known = new Map<string, Mergeability>();

/**
 * How it merges into the newest base. undefined: as on GitHub, the first one who asks after a push starts the work, and
 * the next one has its result.
 */
export async function mergeabilityOf(bare: string, pull: ForgePullRequest): Promise<Mergeability | undefined> {
  const base = (await branchTip(bare, pull.baseBranch)) ?? pull.baseSha;
  const commits = JSON.stringify([bare, base, pull.headSha]);
  const found = known.get(commits);
  if (!found) known.set(commits, await workedOut(bare, base, pull.headSha));
  return found;
}

async function workedOut(bare: string, base: string, head: string): Promise<Mergeability> {
  const [merged, contained] = await Promise.all([
    askGit(bare, ["merge-tree", "--write-tree", base, head]),
    askGit(bare, ["merge-base", "--is-ancestor", base, head]),
  ]);
  return { conflicts: merged === undefined, behind: contained === undefined };
}
