import type { Turn } from "../conversation/conversation.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { patchKey } from "../store/keys.ts";
import type { Records } from "../store/records.ts";
import type { WorkspaceTree } from "./tree.ts";

/** Stores a turn with the tree as it was when its answer arrived. */
export async function keepTurn(
  turn: Turn,
  { tree, records }: { tree: WorkspaceTree; records: Records },
): Promise<"stored" | "exists"> {
  const patch = await tree.snapshotIfChanged();
  const snapshot = patch && patch !== "refused" ? await records.putSnapshot(turn, patch) : undefined;
  const { marks, nestedRepositories } = tree;
  if (marks.environment.size > 0) marks.environmentKey ??= await records.putEnvironment(turn, marks.environment);
  const written = snapshot ? await tree.writtenAndGone() : [];
  const removedPrograms = await tree.removedProgramsToKeep();
  return records.putTurn({
    ...turn,
    ...(snapshot && { snapshot }),
    ...(patch === "refused" && { treeNotKept: true }),
    ...(nestedRepositories.size > 0 && { nestedRepositories: [...nestedRepositories] }),
    ...(marks.environmentKey && { environment: marks.environmentKey }),
    ...(written.length > 0 && { written }),
    ...(removedPrograms.length > 0 && { removedPrograms }),
  });
}

/**
 * Brings a fresh clone to where the conversation left off: the tree as it was when the last turn arrived, or, when a
 * later round begins, the patch of the round before. Where that one must not leave, its last snapshot is the same tree.
 * What setup had made goes on being environment. `lags`: the last turns changed more than a snapshot can hold, so the
 * tree is an older one than the conversation says.
 */
export async function restoreTree(
  tree: WorkspaceTree,
  turns: readonly Turn[],
  run: RepoRun,
  records: Records,
): Promise<{ lags: boolean }> {
  const { marks, nestedRepositories, removedPrograms } = tree;
  const ofThisRound = turns.filter((turn) => turn.round === run.round);
  const last = ofThisRound.findLast((turn) => turn.snapshot);
  const before = turns.findLast((turn) => turn.round < run.round);
  const key = last?.snapshot ?? (before && keyOfRound(before, turns, run));
  if (key) await tree.apply(await records.readPatch(key));
  for (const path of last?.written ?? []) marks.written.add(path);
  for (const path of ofThisRound.at(-1)?.removedPrograms ?? []) removedPrograms.add(path);
  for (const { nestedRepositories: nested = [] } of ofThisRound)
    for (const folder of nested) nestedRepositories.add(folder);
  marks.environmentKey = turns.findLast(({ environment }) => environment)?.environment;
  if (marks.environmentKey)
    for (const path of await records.readEnvironment(marks.environmentKey)) marks.environment.add(path);
  const sinceSnapshot = ofThisRound.slice(last ? ofThisRound.indexOf(last) + 1 : 0);
  return { lags: sinceSnapshot.some(({ treeNotKept }) => treeNotKept) };
}

function keyOfRound(last: Turn, turns: readonly Turn[], { patch }: RepoRun): string | undefined {
  if (patch?.key === patchKey(last)) return patch.key;
  return turns.findLast((turn) => turn.round === last.round && turn.snapshot)?.snapshot ?? patch?.key;
}
