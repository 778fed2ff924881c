import { SAMPLE_AUTHOR } from "./history.ts";
import { followHead } from "./pull-request-git.ts";
import { branchTip } from "./refs.ts";
import { runGit } from "./run-git.ts";
import type { ForgeMergeMethod, ForgePullRequest } from "./state.ts";
import { writeObject } from "./write-objects.ts";

type Merge = { login: string; deleteBranch: boolean; method?: ForgeMergeMethod };

/** Onto the base, by `login`. The pull request keeps the commit that it ended with. */
export async function mergePullRequest(
  bare: string,
  pull: ForgePullRequest,
  { login, deleteBranch, method = "merge" }: Merge,
) {
  await followHead(bare, pull);
  const git = async (...args: string[]) => (await runGit(bare, args)).toString().trim();
  const base = await branchTip(bare, pull.baseBranch);
  if (base === undefined) throw new Error(`There is no branch ${pull.baseBranch} to merge into.`);
  const mergeCommit = await METHODS[method]({ bare, git, base, pull });
  await git("update-ref", `refs/heads/${pull.baseBranch}`, mergeCommit, base);
  if (deleteBranch) await git("update-ref", "-d", `refs/heads/${pull.headBranch}`);
  const at = new Date().toISOString();
  const over = { autoMergeAt: null, autoMergeBy: null, autoMergeMethod: null, isQueued: false };
  const merged = { state: "closed", mergedAt: at, mergedBy: login, mergeCommit, updatedAt: at };
  // What the base has had before is none of its commits, also where it was merged into the branch.
  Object.assign(pull, { ...over, ...merged, baseSha: base });
}

type Merging = { bare: string; git: (...args: string[]) => Promise<string>; base: string; pull: ForgePullRequest };

const METHODS: Record<ForgeMergeMethod, (merging: Merging) => Promise<string>> = {
  async merge({ bare, git, base, pull }) {
    const tree = await git("merge-tree", "--write-tree", base, pull.headSha);
    return writeCommit(bare, { tree, parents: [base, pull.headSha], message: `Merge pull request #${pull.number}\n` });
  },
  async squash({ bare, git, base, pull }) {
    const tree = await git("merge-tree", "--write-tree", base, pull.headSha);
    return writeCommit(bare, { tree, parents: [base], message: `${pull.title} (#${pull.number})\n` });
  },
  async rebase({ bare, git, base, pull }) {
    let tip = base;
    for (const one of (await git("rev-list", "--reverse", "--no-merges", `${base}..${pull.headSha}`)).split("\n")) {
      const tree = await git("merge-tree", "--write-tree", tip, one);
      tip = writeCommit(bare, {
        tree,
        parents: [tip],
        message: `${await git("log", "-1", "--format=%B", one)}\n`,
        author: await git("log", "-1", "--format=%an <%ae> %ad", "--date=raw", one),
      });
    }
    return tip;
  },
};

/** A commit of now; `author`: by whom and when it was written before. */
export function writeCommit(
  bare: string,
  { tree, parents, message, author }: { tree: string; parents: readonly string[]; message: string; author?: string },
) {
  const now = `${SAMPLE_AUTHOR} ${Math.floor(Date.now() / 1_000)} +0000`;
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)];
  const text = `${lines.join("\n")}\nauthor ${author ?? now}\ncommitter ${now}\n\n${message}`;
  return writeObject(bare, "commit", Buffer.from(text));
}
