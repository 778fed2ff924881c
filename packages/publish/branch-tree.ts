import { join } from "node:path";
import { applyPatch } from "../workspace/apply.ts";
import { baseHolds } from "../workspace/base-holds.ts";
import { cloneWorkspace, fetchCommit } from "../workspace/clone.ts";
import { type CommitRequest, commitTree, treeOf } from "../workspace/commit.ts";
import { freeBranch, type PushRequest, type PushResult, pushBranch } from "../workspace/push.ts";
import { type Recorded, recordWritten } from "../workspace/record.ts";

/** One repository's git as Publish uses it: the pinned commit, a patch on top of it, and the branches on GitHub. */
export type BranchTree = {
  apply(patch: Uint8Array): Promise<{ treeId: string }>;
  /** How a tree differs from the pinned commit, or why it cannot be looked at. */
  changes(treeId: string): Promise<Recorded>;
  /** Whether a file of the pinned commit holds these very words. */
  baseHolds(words: string): Promise<boolean>;
  /** Brings one more commit, to be a parent. */
  fetch(commit: string): Promise<void>;
  treeOf(commit: string): Promise<string>;
  /** The same request gives the same commit. */
  commit(request: Omit<CommitRequest, "signingKey">): Promise<string>;
  /** `branch`, or `beside` where git can keep no branch of that name. */
  freeBranch(names: { branch: string; beside: string }): Promise<string>;
  /** Creates the branch or moves it forward by our commit, never anything else. */
  push(request: Pick<PushRequest, "branch" | "commit" | "expect">): Promise<PushResult>;
};

/** By git itself, in a folder that is wiped first. Nothing of the repository runs. */
export const branchTrees =
  (given: { remote: { url: string; token: string }; folder: string; signingKey?: string | undefined }) =>
  async (baseCommit: string): Promise<BranchTree> => {
    const { remote, signingKey } = given;
    const folder = join(given.folder, "publish");
    const workspace = await cloneWorkspace({ ...remote, folder, commit: baseCommit, checkout: false });
    return {
      apply: (patch) => applyPatch(workspace, patch),
      changes: (treeId) => recordWritten(workspace, treeId),
      baseHolds: (words) => baseHolds(workspace, words),
      fetch: (commit) => fetchCommit(workspace, { ...remote, commit }),
      treeOf: (commit) => treeOf(workspace, commit),
      commit: (request) => commitTree(workspace, { ...request, ...(signingKey && { signingKey }) }),
      freeBranch: (names) => freeBranch(workspace, { ...remote, ...names }),
      push: (request) => pushBranch(workspace, { ...remote, ...request }),
    };
  };
