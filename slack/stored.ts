import type { RepoRun } from "../packages/jobs/repo-run.ts";
import { patchKey } from "../packages/store/keys.ts";
import type { HistoryArtifacts } from "./history-deps.ts";

/** By listing: without the right to list, S3 says "forbidden" where "missing" is meant. */
export async function isStored(artifacts: Pick<HistoryArtifacts, "list">, key: string): Promise<boolean> {
  for await (const found of artifacts.list(key)) return found === key;
  return false;
}

/** A patch's own round: an approval's round publishes what an earlier one made. */
export const roundOfPatch = (key: string) => Number(/\/r(\d+)\/[^/]+$/.exec(key)?.[1] ?? 1);

const MAX_EARLIER = 5;

/** Rounds before the newest patch that left one of their own, the last few of them. */
export async function earlierPatches(
  artifacts: Pick<HistoryArtifacts, "list">,
  run: RepoRun,
  rounds: readonly { round: number }[],
): Promise<number[]> {
  if (!run.patch) return [];
  const newest = roundOfPatch(run.patch.key);
  const earlier = rounds.map(({ round }) => round).filter((round) => round < newest);
  const looked = await Promise.all(
    earlier.slice(-MAX_EARLIER).map(async (round) => ({
      round,
      stored: await isStored(artifacts, patchKey({ ...run, round })),
    })),
  );
  return looked.filter(({ stored }) => stored).map(({ round }) => round);
}
