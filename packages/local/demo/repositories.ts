import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../../jobs/errors.ts";
import { RepositoryName } from "../../jobs/ids.ts";
import type { Forge } from "../../stand-ins/forge/forge.ts";
import { ForgeGitFailed } from "../../stand-ins/forge/run-git.ts";
import { addSamples } from "../../stand-ins/forge/samples.ts";

/** The samples, or what was named, cloned into the forge so that nothing of yours changes. Returns their names there. */
export async function prepareRepositories(wanted: readonly string[], forge: Forge): Promise<string[]> {
  if (wanted.length === 0) return addSamples(forge.admin.addRepository);
  const names: string[] = [];
  for (const source of wanted) names.push(await cloneIntoForge(source, forge));
  return names;
}

/** With a GitHub token there is no forge, and nothing to clone. */
export function namesOnGitHub(wanted: readonly string[]): string[] {
  if (wanted.length === 0)
    throw new UserError('With a GitHub token, name what to run on: --repo owner/name --prompt "..."');
  return wanted.map(onGitHub);
}

function onGitHub(name: string): string {
  const parsed = RepositoryName.safeParse(name);
  if (parsed.success && !existsSync(name)) return parsed.data;
  throw new UserError(
    `${name}: with a GitHub token, name repositories as owner/name. Unset the token to run on a folder.`,
  );
}

async function cloneIntoForge(source: string, forge: Forge): Promise<string> {
  const isUrl = /^(?:https?|ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:/.test(source);
  if (!isUrl && !existsSync(source))
    throw new UserError(
      RepositoryName.safeParse(source).success
        ? `${source} is no folder here. To run on GitHub's ${source}, set GITHUB_TOKEN.`
        : `${source} is neither a folder here, a URL that git can clone, nor owner/name.`,
    );
  const clone = isUrl ? source : resolve(source);
  if (!isUrl) await mustBeRepository(clone);
  const name = freeName(basename(clone).replace(/\.git$/, ""), forge);
  try {
    return (await forge.admin.addRepository({ name, from: { clone } })).name;
  } catch (error) {
    if (!(error instanceof ForgeGitFailed)) throw error;
    // A person may have put a token into the URL, so only git's own words are shown: they hold none.
    throw new UserError(`git cannot clone ${name}:\n${error.said}`, { cause: error });
  }
}

async function mustBeRepository(folder: string) {
  try {
    await promisify(execFile)("git", ["-C", folder, "rev-parse", "--verify", "--quiet", "HEAD"]);
  } catch (cause) {
    throw new UserError(`${folder} is not a git repository with a commit. Run git init and commit there first.`, {
      cause,
    });
  }
}

function freeName(wanted: string, forge: Forge): string {
  const plain = wanted.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+/, "") || "repository";
  const exists = (name: string) => {
    try {
      return Boolean(forge.admin.repository(name));
    } catch {
      return false;
    }
  };
  for (let n = 1; ; n += 1) {
    const name = `local/${plain}${n === 1 ? "" : `-${n}`}`;
    if (!exists(name)) return name;
  }
}
