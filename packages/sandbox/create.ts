import { existsSync } from "node:fs";
import { join } from "node:path";
import { megabytes } from "../text/counts.ts";
import { type Broken, brokenInside, brokenOutside } from "./broken.ts";
import { createCapture, plainText } from "./capture.ts";
import type { CommandProxy } from "./command-proxy.ts";
import { commandEnvironment } from "./environment.ts";
import type { Folders } from "./folders.ts";
import { GitFailed } from "./git-failed.ts";
import { gitEnvironment } from "./git-settings.ts";
import { type Exit, launch } from "./launch.ts";
import { type CommandLimits, GIT_TIMEOUT_MS, MAX_GIT_OUTPUT_BYTES } from "./limits.ts";
import { memoryOfTask } from "./memory.ts";
import type { ModeBuild, SandboxedCommand } from "./mode.ts";
import { OFFLINE } from "./offline.ts";
import type { CommandRequest, CommandRun, EndedBy, GitRequest, Sandbox } from "./sandbox.ts";
import { environmentOfPython, pythonPath } from "./toolchains/python.ts";
import { SYSTEM_PATH } from "./toolchains/toolchains.ts";
import { watchOver } from "./watch.ts";

const ENDED: Record<EndedBy, (request: CommandRequest, limits: CommandLimits) => string> = {
  time: ({ timeoutMs }) => `it ran longer than ${Math.round(timeoutMs / 1000)} s`,
  cancelled: () => "the run was cancelled",
  output: (_, { printedBytes }) => `it printed more than ${megabytes(printedBytes)}`,
  memory: (_, { memoryBytes }) => `it used more than ${megabytes(memoryBytes)} of memory`,
  disk: (_, { workspaceBytes }) =>
    `the files it wrote are more than ${megabytes(workspaceBytes)}, or the disk is nearly full`,
};

/** Per process; a process with many busy threads uses more than one second in a second. */
const CPU_PER_SECOND = 8;

const RAN_OUT_OF_MEMORY = "the memory of the task was used up: the kernel ended a process of this command";

export function createSandbox(
  build: ModeBuild,
  note: string,
  limits: CommandLimits,
  { hasPython = false } = {},
): Sandbox {
  const { path, variables } = build.toolchains;
  /** For programs that we start ourselves: no folder that a command can write to. */
  const harnessPath = [SYSTEM_PATH, ...path].join(":");

  /** What a command of a person or of the model finds. */
  function environmentIn(folders: Folders): Record<string, string> {
    const mounts = build.mounts(folders);
    const installed = [".local/bin", ".cargo/bin", "go/bin"].map((folder) => `${mounts.home}/${folder}`);
    const own = [...(hasPython ? pythonPath(mounts.home) : []), ...installed];
    return {
      ...commandEnvironment(mounts, [...own, ...path].join(":")),
      ...variables,
      // npm's global installations, in place of a read-only folder of the system.
      npm_config_prefix: `${mounts.home}/.local`,
      ...(hasPython && environmentOfPython({ onMachine: folders.home, inside: mounts.home })),
    };
  }

  async function run(folders: Folders, request: CommandRequest): Promise<CommandRun> {
    if (build.mode === "off") throw new Error("Commands are off: this machine has no sandbox.");
    const began = performance.now();
    const capture = createCapture(request.maxBytes);
    request.follow?.(capture.text);
    const command: SandboxedCommand = {
      argv: [shell(), "-c", request.command],
      env: environmentIn(folders),
      withGitDir: false,
      network: request.network ?? "loopback",
      joined: true,
      cpuSeconds: Math.ceil(request.timeoutMs / 1000) * CPU_PER_SECOND,
    };
    const memory = memoryOfTask();
    const killsBefore = memory.kills();
    let refused: Iterable<string> = [];
    const ran = await around(folders, command, (proxy) => {
      refused = proxy?.refusals ?? [];
      // Without a sandbox there is no proxy either, and a command that asks for network has the machine's.
      const isOffline = !proxy && (!request.network || build.mode !== "unsafe");
      const env = isOffline ? { ...OFFLINE, ...command.env } : command.env;
      return launch(build.enter(folders, { ...command, env }, proxy), {
        timeoutMs: request.timeoutMs,
        ...(request.signal && { signal: request.signal }),
        onStdout: capture.add,
        maxPrintedBytes: limits.printedBytes,
        endAll: build.endAll,
        watch: watchOver(folders, build, limits),
      });
    }).then((exit) => brokenInside(build, exit) ?? exit, brokenOutside);
    const { exitCode, ended, why, broken }: Partial<Exit & Broken> = ran;
    const ranOut = !ended && exitCode !== 0 && memory.kills() > killsBefore;
    const remarks = [
      ...Array.from(refused, (sentence) => `network: ${sentence}`),
      ...(ended ? [`ended: ${why ?? ENDED[ended](request, limits)}`] : []),
      ...(ranOut ? [RAN_OUT_OF_MEMORY] : []),
      ...(broken === undefined ? [] : [broken]),
    ];
    return {
      exitCode: ended ? null : (exitCode ?? null),
      timedOut: ended === "time",
      durationMs: Math.round(performance.now() - began),
      output: capture.text() + remarks.map((remark) => `\n[${remark}]\n`).join(""),
      ...(ended && { ended }),
      ...(broken !== undefined && { broken }),
    };
  }

  async function start(folders: Folders, command: SandboxedCommand, request: GitRequest): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const exit = await around(folders, command, () =>
      launch(build.enter(folders, command), {
        timeoutMs: request.timeoutMs ?? GIT_TIMEOUT_MS,
        ...(request.signal && { signal: request.signal }),
        ...(request.stdin && { stdin: request.stdin }),
        onStdout: (chunk) => chunks.push(chunk),
        maxPrintedBytes: request.maxBytes ?? MAX_GIT_OUTPUT_BYTES,
        endAll: build.endAll,
      }),
    );
    if (exit.exitCode === 0 && !exit.ended) return Buffer.concat(chunks);
    const what = command.argv.slice(0, 2).join(" ").replace(/^git /, "");
    const { exitCode, ended } = exit;
    const stdout = Buffer.concat(chunks);
    throw new GitFailed(what, { exitCode, stderr: plainText(exit.stderr), stdout, ...(ended && { ended }) });
  }

  const quiet = { network: "none" as const, joined: false, cpuSeconds: (GIT_TIMEOUT_MS / 1000) * CPU_PER_SECOND };

  return {
    mode: build.mode,
    note,
    ...(build.owner && { owner: build.owner }),
    run,
    git(folders, args, request = {}) {
      const { tree, gitDir } = build.mounts(folders);
      const index = join(gitDir, request.index ?? "index");
      const { attributes } = request;
      const env = {
        ...gitEnvironment(),
        PATH: harnessPath,
        GIT_DIR: attributes ? join(gitDir, attributes) : gitDir,
        GIT_WORK_TREE: tree,
        GIT_INDEX_FILE: index,
        ...(attributes && { GIT_OBJECT_DIRECTORY: join(gitDir, "objects") }),
      };
      return start(folders, { argv: ["git", ...args], env, withGitDir: true, ...quiet }, request);
    },
    program(folders, argv, request = {}) {
      const env = commandEnvironment(build.mounts(folders), harnessPath);
      return start(folders, { argv, env, withGitDir: false, ...quiet }, request);
    },
  };

  function around<T>(folders: Folders, command: SandboxedCommand, work: (proxy?: CommandProxy) => Promise<T>) {
    return build.around ? build.around(folders, command, work) : work();
  }
}

const shell = () => (existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh");
