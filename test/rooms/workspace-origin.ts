import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** What stands at a path: text, bytes, a program, or a link. */
export type Entry = string | Uint8Array | { program: string } | { link: string };
export type Files = Record<string, Entry>;

const IDENTITY = {
  GIT_AUTHOR_NAME: "Sample Author",
  GIT_AUTHOR_EMAIL: "sample@example.invalid",
  GIT_AUTHOR_DATE: "1767225600 +0000",
  GIT_COMMITTER_NAME: "Sample Author",
  GIT_COMMITTER_EMAIL: "sample@example.invalid",
  GIT_COMMITTER_DATE: "1767225600 +0000",
};

/** Plain git with an empty home: what a person would type. */
export const git = (folder: string, args: readonly string[], input?: string | Uint8Array) =>
  execFileSync("git", ["-C", folder, ...args], {
    env: { PATH: process.env.PATH, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", ...IDENTITY },
    maxBuffer: 1 << 28,
    ...(input !== undefined && { input }),
  });

/** A folder that ends with its test; commands of another user may pass through it. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cody-test-"));
  await chmod(folder, 0o711);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, entry] of Object.entries(files)) {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    if (typeof entry === "string" || entry instanceof Uint8Array) await writeFile(full, entry);
    else if ("link" in entry) await symlink(entry.link, full);
    else await writeFile(full, entry.program, { mode: 0o755 });
  }
}

export type Origin = { folder: string; bare: string; url: string; commit: string };

/** A bare repository on disk with one commit, which may be fetched by its id as on GitHub. */
export async function makeOrigin(files: Files, options: { objectFormat?: "sha1" | "sha256" } = {}): Promise<Origin> {
  const folder = await scratchFolder();
  const [source, bare] = [join(folder, "source"), join(folder, "origin.git")];
  await mkdir(source);
  git(source, ["init", "-q", "-b", "main", `--object-format=${options.objectFormat ?? "sha1"}`]);
  git(source, ["config", "core.autocrlf", "false"]);
  await writeFiles(source, files);
  git(source, ["add", "--all", "--force"]);
  git(source, ["commit", "-q", "--allow-empty", "-m", "Start"]);
  git(folder, ["clone", "-q", "--bare", source, bare]);
  git(bare, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
  const commit = git(source, ["rev-parse", "HEAD"]).toString().trim();
  return { folder, bare, url: `file://${bare}`, commit };
}
