import { type Consent, protectedPathReason } from "../github/protected-paths.ts";
import { type ShownByItself, shownByItself } from "../github/runs-by-itself.ts";
import type { RunRef } from "../jobs/execution.ts";
import type { PatchFacts } from "../jobs/outcome.ts";
import { hasCode, type Reason } from "../jobs/reasons.ts";
import { scanPatch } from "../secrets/scan.ts";
import type { WorkDeps } from "./work-deps.ts";
import type { WorkTree } from "./work-tree.ts";

export type SettledPatch =
  | { kind: "none" }
  /** There are changes, but not even a person may get them as a patch. */
  | { kind: "refused"; reason: Reason }
  | ({ kind: "stored"; facts: PatchFacts; patchOnly?: Reason } & Partial<ShownByItself>);

/** Takes, checks and stores what the work tree has become. The first stored patch of a round counts. */
export async function settlePatch(
  ref: RunRef,
  { tree, consent }: { tree: WorkTree; consent?: Consent },
  { records, secrets }: Pick<WorkDeps, "records" | "secrets">,
): Promise<SettledPatch> {
  if (tree.isUntouched()) return { kind: "none" };
  const taken = await tree.patch();
  if (taken.refused) return { kind: "refused", reason: taken.refused };
  if (taken.patch.length === 0)
    return taken.patchOnly ? { kind: "refused", reason: taken.patchOnly } : { kind: "none" };
  const secret = await scanPatch(taken.patch, secrets, tree);
  if (secret && hasCode(secret, "own-secret")) return { kind: "refused", reason: secret };
  const { key, patch } = await records.putPatch(ref, taken.patch);
  // An attempt may have died between storing its patch and its outcome, and its patch was another one.
  const counted = Buffer.compare(patch, taken.patch) === 0 ? taken : await tree.reread(patch);
  const { treeId, files, additions, deletions, paths } = counted;
  // What no consent would change comes first: a job that is started again with it must not end here a second time.
  // A patch does not say what its tree could not take in; this tree went on from the same turns, so it may know.
  const patchOnly = secret ?? counted.patchOnly ?? taken.patchOnly ?? protectedPathReason(paths, consent);
  return {
    kind: "stored",
    facts: { key, bytes: patch.length, treeId, files, additions, deletions },
    ...shownByItself(paths, consent?.protectedPaths),
    ...(patchOnly && { patchOnly }),
  };
}
