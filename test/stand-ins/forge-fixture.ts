import { execFile, execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { createGitHub } from "../../packages/github/client.ts";
import { type Forge, startForge } from "../../packages/stand-ins/forge/forge.ts";
import { branchTip } from "../../packages/stand-ins/forge/refs.ts";
import { moveBranch } from "../../packages/stand-ins/forge/write-objects.ts";

export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cody-forge-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A forge that ends with the test, and a client for each of its two tokens. A "second" of waiting is 10 ms. */
export async function testForge(folder = scratchFolder(), options: { now?: () => number } = {}) {
  const refused: string[] = [];
  const forge = await startForge({ ...options, folder, log: (line) => refused.push(line) });
  onTestFinished(() => forge.stop());
  const client = (token: string) => createGitHub({ token, apiUrl: forge.apiUrl, secondMs: 10 });
  return { ...forge, client, reader: client(forge.readToken), writer: client(forge.writeToken), refused };
}

export const APP_ID = 4711;

/** As GitHub gives it. */
export const appKeys = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
/** Made once: it takes half a second. */
let keys: ReturnType<typeof appKeys> | undefined;

/** The forge's GitHub App, installed on all of acme unless told otherwise; and the private key, as a variable holds it. */
export function registerApp(forge: Forge, changes: Partial<Parameters<Forge["admin"]["registerApp"]>[0]> = {}) {
  keys ??= appKeys();
  const { publicKey, privateKey } = keys;
  const app = forge.admin.registerApp({
    id: APP_ID,
    slug: "cody-acme",
    name: "Cody of acme",
    publicKey,
    permissions: { contents: "write", metadata: "read", pull_requests: "write" },
    installations: [{ id: 1, account: "acme" }],
    ...changes,
  });
  return {
    app,
    privateKey,
    variables: { GITHUB_APP_ID: `${APP_ID}`, GITHUB_APP_KEY: privateKey.replaceAll("\n", "\\n") },
  };
}

const ENVIRONMENT = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C",
  GIT_AUTHOR_NAME: "Sample Author",
  GIT_AUTHOR_EMAIL: "sample@example.invalid",
  GIT_COMMITTER_NAME: "Sample Author",
  GIT_COMMITTER_EMAIL: "sample@example.invalid",
};

export const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", args, { cwd, env: ENVIRONMENT, stdio: "pipe" }).toString().trim();

/** For whatever talks to the forge: it lives in this very process, which must not wait for it. */
export const gitOverHttp = (cwd: string, ...args: string[]) =>
  new Promise<string>((resolve, reject) =>
    execFile("git", args, { cwd, env: ENVIRONMENT }, (error, out) => (error ? reject(error) : resolve(out.trim()))),
  );

/** Only tests write a token into an address. */
export const urlWith = (forge: Forge, token: string, name: string) =>
  `${forge.serverUrl.replace("http://", `http://x-access-token:${token}@`)}/${name}.git`;

/** Pushes a new branch with one commit; gives the commit. */
export async function pushBranch(
  forge: Forge,
  name: string,
  branch: string,
  files: Record<string, string> = { NEWS: "new\n" },
) {
  const clone = scratchFolder();
  await gitOverHttp(clone, "clone", "--quiet", urlWith(forge, forge.writeToken, name), ".");
  const exists = git(clone, "branch", "--remotes", "--list", `origin/${branch}`) !== "";
  git(clone, "checkout", "--quiet", ...(exists ? [branch] : ["-b", branch]));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), content);
  }
  git(clone, "add", "-A");
  git(clone, "commit", "--quiet", "-m", "Add news");
  await gitOverHttp(clone, "push", "--quiet", "origin", branch);
  return git(clone, "rev-parse", "HEAD");
}

/** One commit more on a branch, a new one or its own, that stands in the forge without a push; gives the commit. */
export async function growBranch(
  forge: Forge,
  name: string,
  branch: string,
  files: Record<string, string> = { NEWS: "new\n" },
) {
  const bare = forge.admin.gitFolder(name);
  const base = await branchTip(bare, forge.admin.repository(name).defaultBranch);
  if (base !== undefined && (await branchTip(bare, branch)) === undefined)
    await moveBranch(bare, branch, { from: undefined, to: base });
  await forge.admin.commit(name, branch, { message: "Add news\n", date: new Date().toISOString(), files });
  return (await branchTip(bare, branch))!;
}
