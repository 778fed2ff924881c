import { SAMPLE_AUTHOR } from "./history.ts";
import { followHead } from "./pull-request-git.ts";
import { runGit } from "./run-git.ts";
import type { ForgePullRequest } from "./state.ts";

/** A merge commit on the base, by `login`. The pull request keeps the commit that it ended with. */
export async function mergePullRequest(
  bare: string,
  pull: ForgePullRequest,
  { login, deleteBranch }: { login: string; deleteBranch: boolean },
) {
  await followHead(bare, pull);
  const git = async (...args: string[]) => (await runGit(bare, args)).toString().trim();
  const base = await git("rev-parse", `refs/heads/${pull.baseBranch}`);
  const tree = await git("merge-tree", "--write-tree", base, pull.headSha);
  const now = `${Math.floor(Date.now() / 1_000)} +0000`;
  const message = `Merge pull request #${pull.number}\n`;
  const commit = `tree ${tree}\nparent ${base}\nparent ${pull.headSha}\nauthor ${SAMPLE_AUTHOR} ${now}\ncommitter ${SAMPLE_AUTHOR} ${now}\n\n${message}`;
  const written = await runGit(bare, ["hash-object", "-t", "commit", "-w", "--stdin"], { input: commit });
  const merged = written.toString().trim();
  await git("update-ref", `refs/heads/${pull.baseBranch}`, merged, base);
  if (deleteBranch) await git("update-ref", "-d", `refs/heads/${pull.headBranch}`);
  const at = new Date().toISOString();
  Object.assign(pull, { state: "closed", mergedAt: at, mergedBy: login, updatedAt: at });
}
