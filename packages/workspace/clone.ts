import { chown, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../sandbox/folders.ts";
import { noCommands } from "../sandbox/probe.ts";
import type { RepositoryAttributes, Sandbox } from "../sandbox/sandbox.ts";
import { baseFilesOf, submodulesIn } from "./base-files.ts";
import { checkoutFailure } from "./checkout-failed.ts";
import { GIT_DIR_ATTRIBUTES, gitDirConfig } from "./git-dir-files.ts";
import { checkRemote, type Remote, remoteGit } from "./remote.ts";
import { remoteFailure } from "./remote-failed.ts";
import { keepTemplate } from "./template.ts";
import { newWorkspace, type Workspace } from "./workspace.ts";

export type CloneRequest = Remote & {
  /** Wiped first. The folders above it must let the commands' user pass (mode 0711) where there is one. */
  folder: string;
  /** The full id of the pinned commit. */
  commit: string;
  /** Where it stands, as commands see it. */
  branch?: string;
  /** Absent: no command will ever run in this workspace, as in Publish. */
  sandbox?: Sandbox;
  /** false: only the git dir is filled, as Publish needs it. */
  checkout?: boolean;
};

/**
 * Exactly the pinned commit, without history: init and fetch, because a shallow clone can only take the tip of a branch.
 * No hook, filter, submodule or LFS object is run or fetched.
 */
export async function cloneWorkspace(request: CloneRequest): Promise<Workspace> {
  checkRemote(request, request.commit);
  const { folder, commit, branch = "main", sandbox = noCommands(), checkout = true } = request;
  const workspace = newWorkspace({ folder, baseCommit: commit, sandbox, checkedOut: checkout });
  await makeFolders(workspace, sandbox.owner, { forCommands: sandbox.mode !== "off" });
  await initGitDir(workspace);
  await fetchCommit(workspace, request);
  await writeFile(join(workspace.gitDir, "HEAD"), `${commit}\n`);
  await giveToOwner(workspace);
  if (!checkout) return workspace;
  await workspace.sandbox.git(workspace, ["read-tree", "-u", "-m", "HEAD"]).catch((error: unknown) => {
    throw checkoutFailure(error);
  });
  if (sandbox.mode !== "off") await keepTemplate(workspace, branch);
  return { ...workspace, submodules: submodulesIn(await baseFilesOf(workspace)) };
}

/** Brings one more commit, for example the head of an earlier round's branch. */
export async function fetchCommit(workspace: Workspace, remote: Remote & { commit: string }): Promise<void> {
  checkRemote(remote, remote.commit);
  const options = ["--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--progress"];
  await remoteGit(workspace.gitDir, { remote })
    .raw(["fetch", ...options, remote.url, remote.commit])
    .catch((error: unknown) => {
      throw remoteFailure("fetch", error);
    });
}

/**
 * What `git init --bare` would make, without its templates: gitrepository-layout(5). Two more, on the same objects and
 * index, are for what is asked of the repository's own attributes.
 */
async function initGitDir({ gitDir, baseCommit }: Workspace) {
  const config = gitDirConfig(baseCommit);
  const dirs: [string, string][] = [
    [gitDir, GIT_DIR_ATTRIBUTES],
    [join(gitDir, "attributes" satisfies RepositoryAttributes), ""],
    [join(gitDir, "attributes-without-encoding" satisfies RepositoryAttributes), "* !working-tree-encoding\n"],
  ];
  for (const [dir, attributes] of dirs) {
    await Promise.all(["info", "objects", "refs"].map((name) => mkdir(join(dir, name), { recursive: true })));
    await writeFile(join(dir, "config"), config);
    await writeFile(join(dir, "info", "attributes"), attributes);
    await writeFile(join(dir, "HEAD"), "ref: refs/heads/none\n");
  }
}

/** A depth-1 git dir is a handful of files. */
async function giveToOwner({ gitDir, sandbox: { owner } }: Workspace) {
  if (!owner) return;
  const entries = await readdir(gitDir, { recursive: true });
  await Promise.all(
    [gitDir, ...entries.map((entry) => join(gitDir, entry))].map((p) => chown(p, owner.uid, owner.gid)),
  );
}
