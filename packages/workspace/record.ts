import type { Reason } from "../jobs/reasons.ts";
import { GitFailed } from "../sandbox/git-failed.ts";
import { baseTreeOf } from "./base-files.ts";
import { type BytePath, textPath } from "./byte-path.ts";
import { candidatesOf } from "./candidates.ts";
import { beginAtBase, CHANGE, writeChange } from "./change-index.ts";
import { parseRaw, type RawChange } from "./raw-change.ts";
import { otherEncoding, unreadablePath, unreadableTree } from "./refusals.ts";
import { NestedRepositoryStays, settleTree } from "./settle-tree.ts";
import { storedForms } from "./stored-form.ts";
import type { Workspace } from "./workspace.ts";
import { takeAsPlainFiles, takeIn, takeOut } from "./write-index.ts";

/**
 * The git tree that the work tree stands for, and how it differs from the base commit. Notes say what could not be
 * taken in: with one, the change may become a patch and no more.
 */
export type Recorded = RecordedTree | { refused: Reason };
export type RecordedTree = {
  treeId: string;
  changes: RawChange[];
  notes: Reason[];
  /** Paths that stand there and could not be taken in. */
  leftOut: BytePath[];
};
/** `isBase`: nothing differs. */
type Taken = Pick<RecordedTree, "notes" | "leftOut"> & { isBase: boolean };

/** Writes the change into the private index and git dir; without a work tree the index is what counts. */
export const recordTree = (workspace: Workspace): Promise<Recorded> =>
  orRefused(async () => {
    if (!workspace.checkedOut) return recordIndex(workspace);
    const taken = await takeWorkTree(workspace);
    if ("refused" in taken) return taken;
    const { isBase, ...rest } = taken;
    if (isBase) return { treeId: await baseTreeOf(workspace), changes: [], ...rest };
    return { ...(await writeChange(workspace)), ...rest };
  });

/** A tree that was written before. */
export const recordWritten = (workspace: Workspace, treeId: string): Promise<Recorded> =>
  orRefused(async () => ({ treeId, changes: await changesOf(workspace, treeId), notes: [], leftOut: [] }));

async function recordIndex(workspace: Workspace): Promise<Recorded> {
  return recordWritten(workspace, (await workspace.sandbox.git(workspace, ["write-tree"])).toString("utf8").trim());
}

async function orRefused(record: () => Promise<Recorded>): Promise<Recorded> {
  try {
    return await record();
  } catch (error) {
    if (error instanceof GitFailed || error instanceof NestedRepositoryStays) return { refused: unreadableTree(error) };
    throw error;
  }
}

async function takeWorkTree(workspace: Workspace): Promise<Taken | { refused: Reason }> {
  await settleTree(workspace);
  const found = await candidatesOf(workspace);
  if ("refused" in found) return found;
  if (found.here.length + found.gone.length === 0) return { notes: found.notes, leftOut: found.leftOut, isBase: true };
  const forms = await storedForms(workspace, found);
  await beginAtBase(workspace, CHANGE);
  await takeOut(workspace, found.gone);
  const otherwise = await takeIn(workspace, forms.encoded, "attributes");
  const refused = [
    ...(await takeIn(workspace, forms.normalised, "attributes-without-encoding")),
    ...(await takeIn(workspace, [...forms.asIs, ...otherwise.map(({ path }) => path)])),
  ];
  const { programs } = workspace.marks;
  const notTaken = new Set(refused.map(({ path }) => path));
  const plain = found.here.filter(({ path, kind }) => kind === "file" && programs.has(path) && !notTaken.has(path));
  await takeAsPlainFiles(
    workspace,
    plain.map(({ path }) => path),
  );
  return {
    isBase: false,
    leftOut: [...found.leftOut, ...refused.map(({ path }) => path)],
    notes: [
      ...found.notes,
      ...forms.notes,
      ...otherwise.map(({ path }) => otherEncoding(textPath(path))),
      ...refused.map(({ path, why }) => unreadablePath(textPath(path), why)),
    ],
  };
}

/** How a tree differs from the base commit, path by path. */
async function changesOf(workspace: Workspace, treeId: string): Promise<RawChange[]> {
  const { baseCommit } = workspace;
  return parseRaw(
    await workspace.sandbox.git(workspace, ["diff-tree", "-r", "-z", "--raw", "--no-renames", baseCommit, treeId], {
      index: "none",
    }),
  );
}
