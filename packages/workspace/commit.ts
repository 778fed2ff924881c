import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { remoteGit } from "./remote.ts";
import type { Workspace } from "./workspace.ts";

export type CommitRequest = {
  treeId: string;
  /** Full ids; each must have been fetched. */
  parents: readonly string[];
  message: string;
  /** Author and committer. */
  author: { name: string; email: string };
  /** Fixed by the job, so that a repeat makes the same commit. */
  date: Date;
  /** A private SSH key in PEM (Ed25519 or RSA: their signatures are the same every time). */
  signingKey?: string;
};

/** Writes a commit object and returns its id. The same request gives the same id. */
export async function commitTree(workspace: Workspace, request: CommitRequest): Promise<string> {
  const { author } = request;
  const date = `${Math.floor(request.date.getTime() / 1000)} +0000`;
  const identity = (role: string) => ({
    [`GIT_${role}_NAME`]: author.name,
    [`GIT_${role}_EMAIL`]: author.email,
    [`GIT_${role}_DATE`]: date,
  });
  return withKeyFile(workspace, request.signingKey, async (keyFile) => {
    const git = remoteGit(workspace.gitDir, {
      input: request.message,
      environment: { ...identity("AUTHOR"), ...identity("COMMITTER") },
      ...(keyFile && { settings: { "gpg.format": "ssh", "user.signingKey": keyFile } }),
    });
    const parents = request.parents.flatMap((parent) => ["-p", parent]);
    const commit = await git.raw(["commit-tree", ...(keyFile ? ["-S"] : []), ...parents, "-F", "-", request.treeId]);
    return commit.trim();
  });
}

/** The tree of a commit that has been fetched. */
export const treeOf = async (workspace: Workspace, commit: string): Promise<string> =>
  (await remoteGit(workspace.gitDir, {}).raw(["rev-parse", "--verify", `${commit}^{tree}`])).trim();

/** ssh-keygen reads keys from files only; this one stands in the folder that is closed to every other user. */
async function withKeyFile<T>(workspace: Workspace, key: string | undefined, work: (file?: string) => Promise<T>) {
  if (!key) return work();
  const file = join(dirname(workspace.gitDir), "signing-key");
  try {
    await writeFile(file, key.endsWith("\n") ? key : `${key}\n`, { mode: 0o600 });
    return await work(file);
  } finally {
    await rm(file, { force: true });
  }
}
