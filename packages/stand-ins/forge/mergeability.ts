import { compared, mergesCleanly } from "./pull-request-git.ts";
import { branchTip } from "./refs.ts";
import type { ForgePullRequest } from "./state.ts";

export type Mergeability = { conflicts: boolean; behind: boolean };

/** undefined while it is being worked out: once for the same commits, however many ask. */
const known = new Map<string, Mergeability | undefined>();

/**
 * How it merges into the newest base. undefined: as on GitHub, the first one who asks after a push starts the work, and
 * the next one has its result.
 */
export async function mergeabilityOf(bare: string, pull: ForgePullRequest): Promise<Mergeability | undefined> {
  const base = (await branchTip(bare, pull.baseBranch)) ?? pull.baseSha;
  const commits = JSON.stringify([bare, base, pull.headSha]);
  if (known.has(commits)) return known.get(commits);
  known.set(commits, undefined);
  known.set(commits, await workedOut(bare, base, pull.headSha));
  return undefined;
}

async function workedOut(bare: string, base: string, head: string): Promise<Mergeability> {
  const [merges, counts] = await Promise.all([mergesCleanly(bare, base, head), compared(bare, base, head)]);
  return { conflicts: !merges, behind: counts?.behind !== 0 };
}
