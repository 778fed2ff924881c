import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { type CommandRun, type Tree, TreeError } from "../../packages/agent/tree.ts";

const exec = promisify(execFile);

export type FolderTree = Tree & { folder: string; dispose(): Promise<void> };

/** A tree over a temp folder with real git underneath; no walls, so only for files that a test wrote itself. */
export async function folderTree(
  files: Record<string, string | Uint8Array>,
  options: { commands?: boolean } = {},
): Promise<FolderTree> {
  const folder = await mkdtemp(join(tmpdir(), "agent-tree-"));
  const git = async (...args: string[]) => {
    const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "core.autocrlf=false"];
    return (await exec("git", ["-C", folder, ...identity, ...args], { maxBuffer: 1e8 })).stdout;
  };
  const at = (path: string) => {
    const clean = normalize(path);
    if (path === "" || clean.startsWith("..") || clean.startsWith("/")) {
      throw new TreeError(`${path} is outside the repository. Give a path relative to its root.`);
    }
    return join(folder, clean);
  };
  const missing = (path: string) => (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new TreeError(`There is no file ${path}. Use list_files to see what there is.`);
    throw error;
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), content);
  }
  await git("init", "-q");
  await git("add", "-A");
  await git("commit", "-q", "--allow-empty", "-m", "base");

  const tree: FolderTree = {
    folder,
    dispose: () => rm(folder, { recursive: true, force: true }),
    async list() {
      const paths = (await readdir(folder, { recursive: true })).filter(
        (path) => path !== ".git" && !path.startsWith(".git/"),
      );
      const stats = await Promise.all(paths.map(async (path) => ({ path, stats: await stat(join(folder, path)) })));
      return stats
        .filter((file) => file.stats.isFile())
        .map(({ path, stats: { size: bytes } }) => ({ path, bytes, kind: "file" as const }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
    read: (path) => readFile(at(path)).catch(missing(path)),
    async write(path, bytes) {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), bytes);
    },
    remove: (path) => rm(at(path), { recursive: true }).catch(missing(path)),
    async move(from, to) {
      await mkdir(dirname(at(to)), { recursive: true });
      await rename(at(from), at(to)).catch(missing(from));
    },
    async search({ pattern, literal, ignoreCase, globs, maxMatches }) {
      const args = ["grep", "-nI", "--untracked", literal ? "-F" : "-E", ...(ignoreCase ? ["-i"] : []), "-e", pattern];
      const out = await git(...args, "--", ...globs.map((glob) => `:(glob)${glob}`)).catch(() => "");
      const matches = out.split("\n").flatMap((line) => {
        const [, path, number, text] = /^(.+?):(\d+):(.*)$/s.exec(line) ?? [];
        return path ? [{ path, line: Number(number), text: text! }] : [];
      });
      return { matches: matches.slice(0, maxMatches), truncated: matches.length > maxMatches, timedOut: false };
    },
    status: () => git("status", "--short", "--untracked-files=all"),
    async diff() {
      await git("add", "-A", "-N");
      return git("diff");
    },
    ...(options.commands && { run: (command, { timeoutMs }) => runIn(folder, command, timeoutMs) }),
  };
  return tree;
}

async function runIn(cwd: string, command: string, timeoutMs: number): Promise<CommandRun> {
  const started = Date.now();
  const ended = (exitCode: number | null, output: string, timedOut = false) => ({
    exitCode,
    timedOut,
    durationMs: Date.now() - started,
    output,
  });
  try {
    const { stdout, stderr } = await exec("sh", ["-c", command], { cwd, timeout: timeoutMs });
    return ended(0, stdout + stderr);
  } catch (error) {
    const {
      code,
      killed,
      stdout = "",
      stderr = "",
    } = error as { code: unknown; killed?: boolean; stdout?: string; stderr?: string };
    return ended(typeof code === "number" ? code : null, stdout + stderr, killed === true);
  }
}
