import { existsSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import type { Environment } from "../../config/zones.ts";
import { UserError } from "../../jobs/errors.ts";
import { RepositoryName } from "../../jobs/ids.ts";
import type { Forge } from "../../stand-ins/forge/forge.ts";
import { ForgeGitFailed } from "../../stand-ins/forge/run-git.ts";
import { addSamples } from "../../stand-ins/forge/samples.ts";
import { pathFrom } from "../path-from.ts";
import { repositoryAt } from "./repository-at.ts";

type Prepared = {
  /** Where relative paths begin. */
  from: string;
  /** Takes a sentence about what of a folder is not there for Cody. */
  say: (line: string) => void;
};

/** The samples, or what was named, cloned into the forge so that nothing of yours changes. Returns their names there. */
export async function prepareRepositories(
  wanted: readonly string[],
  forge: Forge,
  options: Prepared,
): Promise<string[]> {
  if (wanted.length === 0) return addSamples(forge.admin.addRepository);
  const names: string[] = [];
  for (const source of wanted) names.push(await cloneIntoForge(source, forge, names, options));
  return names;
}

/** As git tells them: a scheme, or `host:path`, which may be a name of a person's own from their ~/.ssh/config. */
const isGitUrl = (source: string) => /^(?:https?|ssh|git|file):\/\/|^(?:[\w.-]+@)?[\w.-]{2,}:/.test(source);

/** npm runs a script in the folder of its package, and says where it was itself called. */
export const whereCalled = (env: Environment) => env.INIT_CWD || process.cwd();

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

async function cloneIntoForge(
  source: string,
  forge: Forge,
  taken: readonly string[],
  { from, say }: Prepared,
): Promise<string> {
  const path = pathFrom(from, source);
  const isUrl = isGitUrl(source) && !existsSync(path);
  if (!isUrl && !existsSync(path))
    throw new UserError(
      RepositoryName.safeParse(source).success
        ? `${source} is no folder here. To run on GitHub's ${source}, set GITHUB_TOKEN.`
        : `${source} is neither a folder here, a URL that git can clone, nor owner/name.`,
    );
  const clone = isUrl ? source : await repositoryAt(realpathSync(path), say);
  const address = clone.replace(/(?<=:\/\/)[^@/]*@/, "");
  const description = `Cloned from ${address}`;
  // What an earlier start cloned stays, with what Cody did there since; before, clones had no description.
  const isEarlier = (name: string) => ["", description].includes(inForge(name, forge)?.description ?? "none");
  const isAnother = (name: string) => taken.includes(name) || (inForge(name, forge) !== undefined && !isEarlier(name));
  const name = freeName(basename(clone).replace(/\.git$/i, ""), isAnother);
  const cloneSource = { clone, isAllowed: !isUrl };
  try {
    if (!isEarlier(name)) return (await forge.admin.addRepository({ name, description, from: cloneSource })).name;
    if (!(await forge.admin.catchUp(name, cloneSource)))
      say(`${name} keeps what was merged there; ${address} has gone another way since, which is left out.`);
    return name;
  } catch (error) {
    if (!(error instanceof ForgeGitFailed)) throw error;
    throw new UserError(`git cannot clone ${address}: ${whySaid(error.said)} Try git clone with it in this shell.`, {
      cause: error,
    });
  }
}

/** The line of git's that says why; it holds no token that a person has put into the URL. */
function whySaid(said: string): string {
  const lines = said.split("\n").map((line) => line.replace(/^(?:fatal|error|remote): /, ""));
  const why = lines.find((line) => line && !/^(?:Cloning into|Warning: Permanently|Could not read from)/.test(line));
  return `${(why ?? "it says nothing").replace(/\.$/, "")}.`;
}

/** What GitHub takes as the name of a repository. */
const MAX_NAME = 100;
/** What is left free of a long name, so that a number may follow. */
const ROOM_FOR_NUMBER = 4;

function freeName(wanted: string, isThere: (name: string) => boolean): string {
  const plain =
    wanted
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      .replace(/^[-.]+/, "")
      .replace(new RegExp(`(?<=^.{${MAX_NAME - ROOM_FOR_NUMBER}}).+$`), "") || "repository";
  for (let n = 1; ; n += 1) {
    const name = `local/${plain}${n === 1 ? "" : `-${n}`}`;
    if (!isThere(name)) return name;
  }
}

function inForge(name: string, forge: Forge) {
  try {
    return forge.admin.repository(name);
  } catch {
    return undefined;
  }
}
