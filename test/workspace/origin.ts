import { execFileSync } from "node:child_process";
import { readFileSync, statfsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

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
    stdio: "pipe",
    ...(input !== undefined && { input }),
  });

const folders: string[] = [];

/** Called after each test file by test/each-file.ts: files of one worker share this module. */
export const removeScratchFolders = () =>
  Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));

/** Thousands of small files are made here: memory where there is enough of it, else the disk. */
const SCRATCH = memoryFolder() ?? tmpdir();

/** Programs must run there too. */
function memoryFolder() {
  if (process.platform !== "linux") return undefined;
  const mounts = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line.split(" ")[1] === "/dev/shm");
  const usable = mounts.length > 0 && !mounts.some((line) => /\bnoexec\b|\bro\b/.test(line.split(" ")[3] ?? ""));
  return usable && roomIn("/dev/shm") > 1 << 30 ? "/dev/shm" : undefined;
}

function roomIn(folder: string) {
  const disk = statfsSync(folder);
  return disk.bavail * disk.bsize;
}

/** A folder that ends with its test file; commands of another user may pass through it. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(SCRATCH, "cody-test-"));
  await chmod(folder, 0o711);
  folders.push(folder);
  return folder;
}

async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, entry] of Object.entries(files)) {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    if (typeof entry === "string" || entry instanceof Uint8Array) await writeFile(full, entry);
    else if ("link" in entry) await symlink(entry.link, full);
    else await writeFile(full, entry.program, { mode: 0o755 });
  }
}

/** `source` is an ordinary checkout; `url` its repository, for cloning and pushing. */
export type Origin = { folder: string; source: string; url: string; commit: string };

/** A repository on disk with one commit, of these files or of what a function makes. */
export async function makeOrigin(
  files: Files | ((root: string) => Promise<void>),
  options: { objectFormat?: "sha1" | "sha256" } = {},
): Promise<Origin> {
  const folder = await scratchFolder();
  const source = join(folder, "source");
  await mkdir(source);
  await (typeof files === "function" ? files(source) : writeFiles(source, files));
  await initRepository(join(source, ".git"), options.objectFormat ?? "sha1");
  git(source, ["add", "--all", "--force"]);
  git(source, ["commit", "-q", "--allow-empty", "-m", "Start"]);
  const commit = readFileSync(join(source, ".git/refs/heads/main"), "utf8").trim();
  return { folder, source, url: `file://${source}/.git`, commit };
}

/** What `git init` makes (gitrepository-layout(5)), and a setting by which `git commit` starts no maintenance. */
async function initRepository(gitDir: string, objectFormat: "sha1" | "sha256"): Promise<void> {
  await writeFiles(gitDir, {
    HEAD: "ref: refs/heads/main\n",
    config: `[core]
	repositoryformatversion = 1
	bare = false
[extensions]
	objectFormat = ${objectFormat}
[maintenance]
	auto = false
`,
  });
  for (const name of ["objects", "refs"]) await mkdir(join(gitDir, name));
}
