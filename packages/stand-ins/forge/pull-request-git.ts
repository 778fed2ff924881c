import { looseParents } from "./objects.ts";
import { onceFor } from "./once-for.ts";
import { branchTip } from "./refs.ts";
import { askGit, runGit } from "./run-git.ts";
import type { ForgePullRequest } from "./state.ts";

/** A longer branch is counted by git. */
const MOST_STEPS = 20;

/** An open pull request follows its branch; a closed one keeps the commit that it ended with. */
export async function followHead(bare: string, pull: ForgePullRequest) {
  if (pull.state === "open") pull.headSha = (await branchTip(bare, pull.headBranch)) ?? pull.headSha;
}

export const pullRequestDiff = (bare: string, pull: ForgePullRequest) =>
  runGit(bare, ["diff", "--no-ext-diff", "--no-textconv", `${pull.baseSha}...${pull.headSha}`]);

/** What its page and answer count of it. */
export async function pullRequestSize(bare: string, pull: ForgePullRequest) {
  const base = pull.state === "closed" ? undefined : ((await branchTip(bare, pull.baseBranch)) ?? pull.baseSha);
  return onceFor(sizes, [bare, base, pull.baseSha, pull.headSha], () => measured(bare, base, pull));
}

async function measured(bare: string, base: string | undefined, { baseSha, headSha }: ForgePullRequest) {
  const [mergeable, range, numstat] = await Promise.all([
    base === undefined ? null : mergesCleanly(bare, base, headSha),
    compared(bare, baseSha, headSha),
    askGit(bare, ["diff", "--numstat", "--no-ext-diff", "--no-textconv", `${baseSha}...${headSha}`]),
  ]);
  const lines = (numstat ?? "").split("\n").filter(Boolean);
  const sum = (column: number) => lines.reduce((all, line) => all + (Number(line.split("\t")[column]) || 0), 0);
  const [additions, deletions] = [sum(0), sum(1)];
  return { mergeable, commits: range?.ahead ?? 0, additions, deletions, changedFiles: lines.length };
}

/** Where the base has not moved there is nothing to merge with. */
export async function mergesCleanly(bare: string, base: string, head: string): Promise<boolean> {
  if ((await compared(bare, base, head))?.behind === 0) return true;
  return (await askGit(bare, ["merge-tree", "--write-tree", base, head])) !== undefined;
}

/** How many commits `head` has and `base` has not, and the other way round; undefined: one of them is not there. */
export const compared = (bare: string, base: string, head: string) =>
  onceFor(comparisons, [bare, base, head], async () => {
    const ahead = stepsBetween(bare, base, head);
    if (ahead !== undefined) return { behind: 0, ahead };
    return countedByGit(bare, base, head);
  });

async function countedByGit(bare: string, base: string, head: string) {
  const counts = await askGit(bare, ["rev-list", "--left-right", "--count", `${base}...${head}`]);
  const [behind, ahead] = counts?.split("\t").map(Number) ?? [];
  return behind === undefined || ahead === undefined ? undefined : { behind, ahead };
}

/** How many commits stand on the base in one line, as on most branches; undefined: git has to count. */
function stepsBetween(bare: string, base: string, head: string): number | undefined {
  let at = head;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    if (at === base) return steps;
    const [parent, ...others] = looseParents(bare, at) ?? [];
    if (parent === undefined || others.length > 0) return undefined;
    at = parent;
  }
  return undefined;
}

/** What is known of the same commits. */
const sizes = new Map<string, ReturnType<typeof measured>>();
const comparisons = new Map<string, Promise<{ behind: number; ahead: number } | undefined>>();
