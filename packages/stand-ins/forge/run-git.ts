import { spawn } from "node:child_process";

/** `said`: what git itself wrote. The message holds the arguments too, and so the URL of a clone. */
export class ForgeGitFailed extends Error {
  override name = "ForgeGitFailed";
  readonly said: string;
  constructor(args: readonly string[], code: number | null, said: string) {
    super(`git ${args.join(" ")} ended with ${code}: ${said}`);
    this.said = said;
  }
}

/** Runs git without any configuration of the person whose machine this is. `cwd` must exist. */
export const runGit = (
  cwd: string,
  args: readonly string[],
  { input, environment }: { input?: string | Uint8Array; environment?: Record<string, string> } = {},
): Promise<Buffer> => startGit(cwd, args, { ...GIT_ENVIRONMENT, PATH: process.env.PATH, ...environment }, input);

/** What a hook, an alias or `git rebase --exec` says about the repository that it runs in: githooks(5). */
const OF_ONE_REPOSITORY = [
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_DIR",
  "GIT_INDEX_FILE",
  "GIT_NAMESPACE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
];

/** Git as a person has it in their own shell, with their keys, proxies and settings; it never asks a question. */
export function personsGit(): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_ONE_REPOSITORY.includes(name)));
  return { ...env, GIT_TERMINAL_PROMPT: "0", SSH_ASKPASS: "false", SSH_ASKPASS_REQUIRE: "force", LC_ALL: "C" };
}

export const runGitAsPerson = (cwd: string, args: readonly string[]): Promise<Buffer> =>
  startGit(cwd, args, personsGit());

async function startGit(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: string | Uint8Array,
): Promise<Buffer> {
  const child = spawn("git", args, { cwd, env, stdio: "pipe" });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code === 0) return Buffer.concat(out);
  throw new ForgeGitFailed(args, code, Buffer.concat(err).toString().trim());
}

/** undefined when git says no: an unknown ref, an unrelated history. */
export async function askGit(cwd: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await runGit(cwd, args)).toString().trim();
  } catch (error) {
    if (error instanceof ForgeGitFailed) return undefined;
    throw error;
  }
}

export const GIT_ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C",
};
