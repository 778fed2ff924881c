import { baseNamesOf, trackedNames } from "../workspace/list.ts";
import { diffOf, statusText, type TakenPatch, takePatch } from "../workspace/patch.ts";
import { type Recorded, recordTree } from "../workspace/record.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * What git found out about a work tree. It holds until something may have written: every question to git builds the
 * sandbox anew. `asCloned`: nothing has written since the clone, and then there is nothing to ask.
 */
export function gitKnowledge(workspace: Workspace, { asCloned }: { asCloned: boolean }) {
  let known: {
    names?: Promise<string[]>;
    record?: Promise<Recorded>;
    status?: Promise<string>;
    patch?: Promise<TakenPatch>;
  } = {};
  let untouched = asCloned;
  const record = () => (known.record ??= recordTree(workspace));

  return {
    record,
    status: () => (known.status ??= untouched ? Promise.resolve("") : statusText(workspace, record())),
    names: () => (known.names ??= untouched ? baseNamesOf(workspace) : trackedNames(workspace)),
    patch: () => (known.patch ??= takePatch(workspace, record())),
    diff: async () => (untouched ? "" : diffOf(workspace, record())),
    isUntouched: () => untouched,
    forgetNames: () => void delete known.names,
    forget() {
      known = {};
      untouched = false;
    },
  };
}
