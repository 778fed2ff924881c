import { BranchName } from "../jobs/given-text.ts";
import { checkRemote, type Remote, remoteGit } from "./remote.ts";
import { remoteFailure } from "./remote-failed.ts";
import type { Workspace } from "./workspace.ts";

export type PushRequest = Remote & {
  /** Short name, without refs/heads/. */
  branch: string;
  commit: string;
  /** What must be there before: nothing, or the commit that ours stands on. */
  expect: "absent" | string;
};

/** `moved`: a commit that is not ours is there (or our branch was deleted); nothing was pushed. */
export type PushResult = "created" | "same" | "moved";

/**
 * Creates the branch or moves it forward by our commit, never anything else. The server compares and swaps, so two
 * publishers cannot both win. Throws RemoteFailed (with a reason when a person can do something about it).
 */
export async function pushBranch(workspace: Workspace, request: PushRequest): Promise<PushResult> {
  checkRemote(request, request.commit);
  const ref = `refs/heads/${BranchName.parse(request.branch)}`;
  const git = remoteGit(workspace.gitDir, { remote: request });
  const there = async () => /^[0-9a-f]+/.exec(await git.listRemote([request.url, ref]))?.[0];
  const compare = (found: string | undefined): PushResult | undefined => {
    if (found === request.commit) return "same";
    return found === (request.expect === "absent" ? undefined : request.expect) ? undefined : "moved";
  };
  if (request.expect !== "absent") await mustStandOn(workspace, request.commit, request.expect);
  const lease = `--force-with-lease=${ref}:${request.expect === "absent" ? "" : request.expect}`;
  const refspec = `${request.commit}:${ref}`;
  try {
    // A branch that has the commit already is no matter for the lease: git says that it is up to date.
    const report = await git.raw(["push", "--porcelain", "--no-follow-tags", lease, request.url, refspec]);
    return report.includes(`=\t${refspec}\t`) ? "same" : "created";
  } catch (error) {
    // Another commit is there, or ours arrived and only its answer was lost.
    const after = compare(await there().catch(() => undefined));
    if (
      after === "same" ||
      (after === "moved" &&
        /stale info|fetch first|non-fast-forward|already exists|cannot lock ref/.test(String(error)))
    )
      return after;
    throw remoteFailure("push", error);
  }
}

/**
 * `branch`, or `beside` where a branch has the name of its folder: git keeps no branch below another one. One that
 * was pushed already stays the name, so a repeat finds it.
 */
export async function freeBranch(
  workspace: Workspace,
  { branch, beside, ...remote }: Remote & { branch: string; beside: string },
): Promise<string> {
  checkRemote(remote);
  const [folder = ""] = branch.split("/");
  const refs = [folder, beside].map((name) => `refs/heads/${BranchName.parse(name)}`);
  try {
    const listed = await remoteGit(workspace.gitDir, { remote }).listRemote([remote.url, ...refs]);
    return listed.trim() === "" ? branch : beside;
  } catch (error) {
    throw remoteFailure("push", error);
  }
}

/** With a lease git would also overwrite; that the new commit has the old one as its parent makes it a step forward. */
async function mustStandOn(workspace: Workspace, commit: string, parent: string) {
  const parents = (await remoteGit(workspace.gitDir, {}).raw(["rev-parse", `${commit}^@`])).trim().split("\n");
  if (!parents.includes(parent)) throw new Error(`Commit ${commit} does not stand on ${parent}.`);
}
