import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { promisify } from "node:util";
import { UserError } from "../../jobs/errors.ts";
import { personsGit } from "../../stand-ins/forge/run-git.ts";
import { plural } from "../../text/counts.ts";
import { NO_GIT } from "../stack/git.ts";

/** Looking at a repository changes nothing in it, not even the index that git keeps fresh. */
const OF_GIT = () => ({ env: { ...personsGit(), GIT_OPTIONAL_LOCKS: "0" }, maxBuffer: 64 * 1024 * 1024 });

/**
 * The repository that a folder is, or lies in. `say`: takes a sentence about what of it is not there for Cody.
 * @throws UserError where it has no commit, or not all of it
 */
export async function repositoryAt(folder: string, say: (line: string) => void): Promise<string> {
  const git = async (...args: string[]) =>
    (
      await promisify(execFile)("git", ["-c", "safe.bareRepository=all", "-C", folder, ...args], OF_GIT())
    ).stdout.replace(/\n$/, "");
  const root = await git("rev-parse", "--verify", "--quiet", "HEAD")
    .then(async () => (await git("rev-parse", "--show-toplevel").catch(() => "")) || folder)
    .catch((cause: Error & { code?: string; stderr?: string }) => {
      throw new UserError(whyNoRepository(folder, cause), { cause });
    });
  const missing = await git("rev-list", "--quiet", "--objects", "--missing=print", "--no-walk", "HEAD", "--");
  if (missing) {
    const settings = (pattern: string) => git("config", "--get-regexp", pattern).catch(() => "");
    const [, url] = (await settings("^remote\\..*\\.url$")).split("\n")[0]!.split(" ");
    const isPartial = (await settings("^(extensions\\.partialclone|remote\\..*\\.promisor)$")) !== "";
    throw new UserError(whyIncomplete(root, { count: missing.split("\n").length, isPartial, url }));
  }
  if (root !== folder) say(`${folder} belongs to the repository ${root}: Cody works on all of it.`);
  const left = await git("status", "--porcelain", "--untracked-files=normal").catch(() => "");
  if (left)
    say(`${plural(left.split("\n").length, "uncommitted file")} of ${root} left out: Cody sees what is committed.`);
  return root;
}

type Incomplete = { count: number; isPartial: boolean; url: string | undefined };

function whyIncomplete(root: string, { count, isPartial, url = "URL" }: Incomplete): string {
  const missing = `${plural(count, "object")} of its newest commit ${count === 1 ? "is" : "are"} not there`;
  return isPartial
    ? `${root} is a partial clone: ${missing}. Name its source instead: --repo ${url}`
    : `${root} is damaged: ${missing}. git fsck lists them; name a whole clone instead.`;
}

function whyNoRepository(folder: string, { code, stderr = "" }: { code?: string; stderr?: string }): string {
  if (code === "ENOENT") return NO_GIT;
  if (!statSync(folder).isDirectory()) return `${folder} is a file. Name the folder of a repository.`;
  if (/dubious ownership/.test(stderr))
    return `${folder} belongs to another user, so git does not read it. Allow it: git config --global --add safe.directory ${allowedAs(stderr) ?? folder}`;
  return `${folder} is not a git repository with a commit. Run git init and commit there first.`;
}

/** The folder that git itself would allow: of a folder inside, its repository. */
const allowedAs = (said: string) => /safe\.directory (.+)$/m.exec(said)?.[1];
