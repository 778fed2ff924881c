import { readdirSync } from "node:fs";
import { type BytePath, placeOf, textPath } from "./byte-path.ts";
import { environmentExcludes } from "./candidates.ts";
import { listedPaths } from "./listed-paths.ts";
import { createLook } from "./look.ts";
import { isEnvironment, standingSubmodules } from "./marks.ts";
import { emptyFolder, putBack, takeAway, trackedBy } from "./put-back.ts";
import type { RecordedTree } from "./record.ts";
import { settleTree } from "./settle-tree.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Setup ran on `before`. What is tracked there is put back, and what is new is environment, wherever it stands and
 * however much it is. A file that setup made a program stays one, for commands only. Returns the tracked paths that
 * setup had changed.
 */
export async function afterSetup(workspace: Workspace, before: RecordedTree): Promise<string[]> {
  const { marks } = workspace;
  await settleTree(workspace);
  const { touched, programs, index } = await putBack(workspace, before, () => true);
  for (const path of programs) marks.programs.add(path);
  const { paths } = await listedPaths(workspace, ["ls-files", "-z", "--others", "--directory"], index);
  for (const path of paths) marks.environment.add(path);
  for (const path of filledSubmodules(workspace)) marks.environment.add(`${path}/`);
  marks.environmentKey = undefined;
  return touched.map(textPath).toSorted();
}

/**
 * A check ran on `before`, which is the tree that counts: everything else of it is taken away again, tracked and new.
 * What git ignores stays (caches make the next check faster), and so does what happened to the environment.
 */
export async function afterCheck(workspace: Workspace, before: RecordedTree, filled: ReadonlySet<BytePath>) {
  const { marks } = workspace;
  await settleTree(workspace);
  const { index } = await putBack(workspace, before, (path) => marks.programs.has(path));
  for (const path of filledSubmodules(workspace)) if (!filled.has(path)) await emptyFolder(workspace, path);
  const { modes } = await trackedBy(workspace, before);
  const known = new Set([...before.leftOut, ...modes.keys()]);
  const look = createLook(workspace);
  // A folder in a written file's place may hold files that count.
  await takeAway(
    workspace,
    [...marks.written].filter((path) => !known.has(path) && look.at(path).kind !== "folder"),
  );
  // With a new .gitignore goes what it hid, and behind what was listed may be more, so git is asked once more.
  for (let more = true; more; ) {
    const { paths, whole } = await freshPaths(workspace, index);
    const fresh = paths.filter((path) => !known.has(path));
    await takeAway(workspace, fresh);
    more = whole ? fresh.some((path) => /(^|\/)\.gitignore$/.test(path)) : fresh.length > 0;
  }
}

/** Submodules of the base in whose folder something stands. */
export function filledSubmodules(workspace: Workspace): BytePath[] {
  const look = createLook(workspace);
  return standingSubmodules(workspace).filter(
    (path) => look.at(path).kind === "folder" && readdirSync(placeOf(workspace, path)).length > 0,
  );
}

async function freshPaths(
  workspace: Workspace,
  index: { index: string },
): Promise<{ paths: BytePath[]; whole: boolean }> {
  const { marks } = workspace;
  const args = ["ls-files", "-z", "--others", "--exclude-standard", ...environmentExcludes(marks)];
  const { paths, whole } = await listedPaths(workspace, args, index);
  return { paths: paths.filter((path) => !isEnvironment(marks, path)), whole };
}
