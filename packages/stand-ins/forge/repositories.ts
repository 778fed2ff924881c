import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RepositoryName, sameRepository } from "../../jobs/ids.ts";
import { type SampleCommit, writeHistory } from "./history.ts";
import { askGit, runGit, runGitAsPerson } from "./run-git.ts";
import { ForgeRepository, type ForgeState } from "./state.ts";

export type NewRepository = {
  name: string;
  /**
   * A folder or URL that git can clone (never changed), or commits to make. Absent: an empty repository. `isAllowed`: it
   * is a folder that the person's own git reads, also where it belongs to another user.
   */
  from?: CloneSource | { commits: readonly SampleCommit[] } | undefined;
} & Partial<Omit<ForgeRepository, "id" | "name" | "createdAt">>;

export type ForgeRepositories = ReturnType<typeof createRepositories>;

/** The forge's bare repositories: `folder/repos/<id>.git`, found by name without case, or by a former name. */
export function createRepositories(folder: string, state: ForgeState) {
  const folderOf = (repository: { id: number }) => join(folder, "repos", `${repository.id}.git`);

  const find = (name: string) => {
    const reachable = state.data.repositories.filter((repository) => repository.role !== "none");
    const repository = reachable.find((one) => sameRepository(one.name, name));
    if (repository) return { repository, renamed: false };
    const moved = reachable.find((one) => one.formerNames.some((former) => sameRepository(former, name)));
    return moved && { repository: moved, renamed: true };
  };

  /** Repeat-safe: a name that exists is left as it is. */
  async function add({ from, ...facts }: NewRepository): Promise<ForgeRepository> {
    const name = RepositoryName.parse(facts.name);
    const existing = state.data.repositories.find((one) => sameRepository(one.name, name));
    if (existing) return existing;
    const id = state.data.nextId++;
    const bare = folderOf({ id });
    rmSync(bare, { recursive: true, force: true });
    const defaultBranch = await fill(bare, from, facts.defaultBranch);
    configure(bare);
    const repository = ForgeRepository.parse({
      ...facts,
      id,
      name,
      defaultBranch,
      createdAt: new Date().toISOString(),
    });
    state.data.repositories.push(repository);
    state.save();
    return repository;
  }

  return { folderOf, find, add };
}

/** The source of a clone that was kept: where git may read it, and as whom. */
type CloneSource = { clone: string; isAllowed?: boolean };

/**
 * Takes the commits that the source of a clone has got on its branch since. False where the clone's default branch has
 * other ones of its own: nothing is changed then. @throws ForgeGitFailed where the source cannot be read.
 */
export async function catchUp(bare: string, branch: string, { clone, isAllowed }: CloneSource): Promise<boolean> {
  const fetched = "refs/cody-source/head";
  const { git, before, behind } = reading(isAllowed);
  await git(join(bare, ".."), [
    ...before,
    `--git-dir=${bare}`,
    ...["fetch", "--quiet", "--no-tags", ...behind, "--", clone, `+HEAD:${fetched}`],
  ]);
  const isBehind = async (one: string, other: string) =>
    (await askGit(bare, ["merge-base", "--is-ancestor", one, other])) !== undefined;
  const own = `refs/heads/${branch}`;
  if (await isBehind(fetched, own)) return true;
  if (!(await isBehind(own, fetched))) return false;
  await runGit(bare, ["update-ref", own, fetched]);
  return true;
}

/**
 * A folder is read without the person's settings, which may rewrite its path, refuse its protocol or run hooks; a URL with
 * them, since they hold keys and proxies. A clone is refused where reading is allowed: it wants an exception for the
 * folder .git too.
 */
const reading = (isAllowed = false): { git: typeof runGitAsPerson; before: string[]; behind: string[] } =>
  isAllowed
    ? { git: runGit, before: ["-c", ANY_OWNER], behind: [`--upload-pack=git -c '${ANY_OWNER}' upload-pack`] }
    : { git: runGitAsPerson, before: [], behind: [] };

const ANY_OWNER = "safe.directory=*";

/** Gives the default branch. */
async function fill(bare: string, from: NewRepository["from"], asked: string | undefined): Promise<string> {
  mkdirSync(bare, { recursive: true });
  if (from && "clone" in from) {
    const options = ["--quiet", "--bare", "--template=", "--no-hardlinks"];
    const { git, before, behind } = reading(from.isAllowed);
    await git(join(bare, ".."), [...before, "clone", ...options, ...behind, "--", from.clone, bare]);
    await giveDetachedHeadABranch(bare);
    return asked ?? (await runGit(bare, ["symbolic-ref", "--short", "HEAD"])).toString().trim();
  }
  const defaultBranch = asked ?? "main";
  init(bare, defaultBranch);
  if (from) await writeHistory(bare, defaultBranch, from.commits);
  return defaultBranch;
}

/** What `git init --bare` makes, without its templates: gitrepository-layout(5). */
function init(bare: string, defaultBranch: string) {
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags"])
    mkdirSync(join(bare, folder), { recursive: true });
  writeFileSync(join(bare, "HEAD"), `ref: refs/heads/${defaultBranch}\n`);
  writeFileSync(join(bare, "config"), "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n");
}

/** A clone of a folder that stands on a commit, not on a branch, would have no default branch. */
async function giveDetachedHeadABranch(bare: string) {
  if (await askGit(bare, ["symbolic-ref", "HEAD"])) return;
  const branch = (await askGit(bare, ["rev-parse", "--verify", "refs/heads/main"])) ? "cody-forge-head" : "main";
  await runGit(bare, ["update-ref", `refs/heads/${branch}`, "HEAD"]);
  await runGit(bare, ["symbolic-ref", "HEAD", `refs/heads/${branch}`]);
}

/** Appended by hand: a process of git for each setting would be most of the time that a repository takes. */
function configure(bare: string) {
  appendFileSync(join(bare, "config"), SETTINGS);
  mkdirSync(join(bare, "hooks"), { recursive: true });
  writeFileSync(join(bare, "hooks", "update"), ON_UPDATE, { mode: 0o755 });
}

const SETTINGS = `
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
[receive]
	denyNonFastForwards = true
	denyDeletes = true
	autogc = false
[core]
	hooksPath = hooks
[gc]
	auto = 0
`;

const ON_UPDATE = `#!/bin/sh
if [ "$1" = "$FORGE_PROTECTED_REF" ]; then
  echo "error: GH006: Protected branch update failed for $1." >&2
  echo "error: Changes must be made through a pull request." >&2
  exit 1
fi
[ -n "$FORGE_WORKFLOWS_REFUSED" ] || exit 0
base=$(git merge-base "$FORGE_PROTECTED_REF" "$3" 2>/dev/null) || exit 0
touched=$(git diff-tree -r --name-only "$base" "$3" -- .github/workflows | head -n 1)
[ -n "$touched" ] || exit 0
printf "$FORGE_WORKFLOWS_REFUSED\\n" "$touched" >&2
exit 1
`;
