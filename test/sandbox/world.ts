import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { CommandRequest, CommandRun, SandboxMode } from "../../packages/sandbox/sandbox.ts";
import type { TakenPatch } from "../../packages/workspace/patch.ts";
import { makeOrigin, scratchFolder } from "../workspace/origin.ts";
import type { HarnessFacts, HarnessOptions, HarnessRequest } from "./harness.ts";

export const CANARY = `canary-${process.pid}-b7f1c2e94d`;
const MB = 1024 * 1024;
/** Small, so that attacks reach them soon. */
export const LIMITS = {
  processes: 100,
  fileBytes: 32 * MB,
  memoryBytes: 512 * MB,
  workspaceBytes: 160 * MB,
  printedBytes: 8 * MB,
};

export type Stage = { name: string; mode: SandboxMode; as?: number };
const isRoot = process.getuid?.() === 0;
const has = (program: string) =>
  ["/usr/bin", "/bin", "/usr/local/bin"].some((folder) => existsSync(join(folder, program)));

/** Every folder above it lets every user pass. */
const isOpenToAll = (path: string): boolean =>
  path === "/" || ((statSync(path).mode & 0o001) !== 0 && isOpenToAll(dirname(path)));
const nodeIsOpen = ["/usr/local/bin/node", "/usr/bin/node", process.execPath].some(
  (path) => existsSync(path) && isOpenToAll(path),
);
const needsRoot = isRoot ? undefined : "needs root";
const needsBwrap = has("bwrap") ? undefined : "needs bubblewrap";
const needsPerl = has("perl") ? undefined : "needs perl";
const needsCompiler = has("cc") ? undefined : "needs a C compiler";
const needsWay = isOpenToAll(import.meta.dirname) ? undefined : "needs a checkout that every user can reach";
const needsNode = nodeIsOpen ? undefined : "needs a node that every user can reach";

/** What a machine can try, and what this one lacks for it. As root also what an ordinary user would have. */
const ALL: (Stage & { lacks: string | undefined })[] = [
  { name: "bubblewrap", mode: "bubblewrap", lacks: needsBwrap },
  {
    name: "bubblewrap, run by an ordinary user",
    mode: "bubblewrap",
    as: 23_456,
    lacks: needsBwrap ?? needsRoot ?? needsWay,
  },
  { name: "namespaces", mode: "namespaces", lacks: needsPerl },
  {
    name: "namespaces, run by an ordinary user",
    mode: "namespaces",
    as: 23_456,
    lacks: needsPerl ?? needsRoot ?? needsWay,
  },
  { name: "own uid", mode: "own-uid", lacks: needsCompiler ?? needsRoot ?? needsNode },
  { name: "own uid without sockets", mode: "own-uid without sockets", lacks: needsCompiler ?? needsRoot ?? needsNode },
];
export const STAGES: Stage[] = ALL.filter(({ lacks }) => lacks === undefined);
/** For a test that is skipped and says so. */
export const MISSING = ALL.flatMap(({ name, lacks }) => (lacks === undefined ? [] : [`${name} (${lacks})`]));
export const canCompile = has("cc");

const source = (name: string) => join(import.meta.dirname, name);

const compiled = new Map<string, Uint8Array>();

/** Compiled once for the files of a worker; each folder gets a copy. */
function compile(folder: string, name: string, ...from: string[]) {
  const out = join(folder, name);
  const known = compiled.get(name);
  if (known) {
    writeFileSync(out, known, { mode: 0o755 });
    return out;
  }
  execFileSync("cc", ["-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", out, ...from]);
  compiled.set(name, readFileSync(out));
  return out;
}

/** The launcher of both own-uid modes, as the image compiles it. */
export const compileLauncher = (folder: string) =>
  compile(folder, "enclose", ...globSync(source("../../packages/sandbox/launcher/*.c")));

type GitFacts = Omit<TakenPatch, "patch" | "files"> & { patch: string; files: string[] };
export type World = Awaited<ReturnType<typeof startWorld>>;

/** A runner with canaries, and its sandbox, in a process of its own. */
export async function startWorld(stage: Stage) {
  const startedAt = Math.floor(Date.now() / 1_000);
  const folder = await scratchFolder();
  chmodSync(folder, 0o755);
  const origin = await makeOrigin({
    "README.md": "hello\n",
    ".gitignore": "ignored/\n",
    "run.sh": { program: "#!/bin/sh\necho ran\n" },
  });
  chmodSync(origin.folder, 0o755);
  const launcher = stage.mode.startsWith("own-uid") ? compileLauncher(folder) : "";
  const attack = canCompile ? compile(folder, "attack", source("attack.c")) : undefined;
  const sockets = canCompile ? compile(folder, "sockets", source("sockets.c")) : undefined;
  const inner = join(folder, "runner");
  mkdirSync(inner);
  if (stage.as) execFileSync("chown", ["-R", `${stage.as}:${stage.as}`, inner, origin.source]);

  // Where a newcomer clones: the toolchain of such a checkout is below a folder that commands have one of their own for.
  const checkout = mkdtempSync("/tmp/cody-checkout-");
  chmodSync(checkout, 0o755);
  const tools = join(checkout, "bin");
  mkdirSync(tools);
  writeFileSync(join(tools, "cody-tool"), "#!/bin/sh\necho the tool ran\n", { mode: 0o755 });

  const secret = join(folder, "secret");
  writeFileSync(secret, `inherited ${CANARY}\n`, { mode: 0o600 });
  const descriptor = openSync(secret, "r");
  const options: HarnessOptions = {
    mode: stage.mode,
    launcher,
    folder: inner,
    origin,
    limits: LIMITS,
    toolchains: [tools],
  };
  const child = spawn(process.execPath, [source("harness.ts"), JSON.stringify(options)], {
    env: { PATH: process.env.PATH, CODY_CANARY: CANARY, ANTHROPIC_API_KEY: CANARY, HOME: join(inner, "harness-home") },
    // A gap below it hides the inherited descriptor from what Node closes by itself.
    stdio: ["pipe", "pipe", "inherit", ...Array.from({ length: 47 }, () => "ignore" as const), descriptor],
    ...(stage.as && { uid: stage.as, gid: stage.as }),
  });
  closeSync(descriptor);
  const ask = conversation(child);
  const facts = (await ask()) as HarnessFacts;
  if (facts.mode !== stage.mode) {
    child.kill("SIGKILL");
    throw new Error(`This machine has no ${stage.mode}: ${facts.note}`);
  }

  return {
    ...facts,
    /** In seconds since 1970; nothing that it wrote is older. */
    startedAt,
    folder: inner,
    tools,
    attack,
    sockets,
    workspace: join(inner, "workspace"),
    cancel: () => child.kill("SIGUSR2"),
    stop() {
      child.kill("SIGKILL");
      rmSync(checkout, { recursive: true, force: true });
    },
    async run(command: string, more: Partial<CommandRequest> = {}) {
      const request = { command, timeoutMs: 20_000, maxBytes: 64_000, ...more };
      const run = (await ask({ do: "run", request })) as CommandRun & { facts: HarnessFacts; broken?: string };
      if (run.broken !== undefined) throw new Error(run.broken);
      return run;
    },
    git: () => ask({ do: "git" }) as Promise<GitFacts>,
  };
}

function conversation(child: ChildProcess) {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async (request?: HarnessRequest): Promise<unknown> => {
    if (request) child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("The harness died.");
    return JSON.parse(value);
  };
}
