/**
 * A process that is what a runner is: it holds canaries as a runner holds secrets (environment, an inherited
 * descriptor, files of its home, listening sockets) and runs commands in its sandbox. Reads requests from stdin, one
 * JSON line each.
 */
import { createSocket } from "node:dgram";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import type { CommandRequest, SandboxMode } from "../../packages/sandbox/sandbox.ts";
import { SYSTEM_ALONE, withFolder } from "../../packages/sandbox/toolchains/toolchains.ts";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import { listFiles } from "../../packages/workspace/list.ts";
import { diffOf, statusText, takePatch } from "../../packages/workspace/patch.ts";
import { recordTree } from "../../packages/workspace/record.ts";
import { runCommand } from "../../packages/workspace/run-command.ts";
import { searchFiles } from "../../packages/workspace/search/search.ts";

export type HarnessOptions = {
  mode: SandboxMode;
  launcher: string;
  folder: string;
  origin: { url: string; commit: string };
  limits: Record<string, number>;
  toolchains: string[];
};
export type HarnessRequest = { do: "run"; request: CommandRequest } | { do: "git" };
export type HarnessFacts = {
  mode: SandboxMode;
  note: string;
  pid: number;
  port: number;
  socket: string;
  owner: number | null;
  /** Connections that something made to the canary sockets. */
  visits: number;
};

const options: HarnessOptions = JSON.parse(process.argv[2] ?? "");
const canary = process.env.CODY_CANARY ?? "";
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

const home = join(options.folder, "harness-home");
mkdirSync(join(home, ".aws"), { recursive: true });
for (const name of [".aws/credentials", ".npmrc", ".git-credentials", ".netrc"])
  writeFileSync(join(home, name), canary);
chmodSync(home, 0o700);
const other = join(options.folder, "other-repository", "tree");
mkdirSync(other, { recursive: true });
writeFileSync(join(other, "private.txt"), canary);
chmodSync(other, 0o700);

let visits = 0;
const listen = (where: { port: number; host: string } | { path: string }): Promise<number> => {
  const server = createServer((socket) => {
    visits++;
    socket.end(canary);
  });
  return new Promise<number>((done, fail) =>
    server.once("error", fail).listen(where, () => {
      const address = server.address();
      done(typeof address === "object" && address ? address.port : 0);
    }),
  );
};
const socket = join(options.folder, "harness.sock");
const port = await listen({ port: 0, host: "127.0.0.1" });
await listen({ port, host: "::1" }).catch(() => {}); // Taken by another server, or no IPv6.
createSocket("udp4")
  .on("message", () => visits++)
  .bind(port, "127.0.0.1");
await listen({ path: socket });
chmodSync(socket, 0o777);
await listen({ path: `\0${socket}` });

const sandbox = await probeSandbox({
  unsafe: false,
  modes: [options.mode],
  launcher: options.launcher,
  limits: options.limits,
  toolchains: options.toolchains.reduce(withFolder, SYSTEM_ALONE),
});
const workspace = await cloneWorkspace({ ...options.origin, folder: join(options.folder, "workspace"), sandbox });
const facts = (): HarnessFacts => {
  const { mode, note, owner } = sandbox;
  return { mode, note, pid: process.pid, port, socket, owner: owner?.uid ?? null, visits };
};
say(facts());

let controller = new AbortController();
process.on("SIGUSR2", () => controller.abort());

for await (const line of createInterface({ input: process.stdin })) {
  const asked: HarnessRequest = JSON.parse(line);
  controller = new AbortController();
  const { signal } = controller;
  if (asked.do === "run") {
    const run = runCommand(workspace, { ...asked.request, signal });
    say({ ...(await run.catch((error: Error) => ({ broken: error.message }))), facts: facts() });
  }
  if (asked.do === "git") say(await everythingThatGitDoes());
}

/** Much of it twice, because what git records the first time it may trust the second time. */
async function everythingThatGitDoes() {
  const query = { pattern: "x", literal: true, ignoreCase: false, globs: [], maxMatches: 5, timeoutMs: 5_000 };
  await searchFiles(workspace, query);
  await recordTree(workspace);
  await statusText(workspace);
  await diffOf(workspace);
  await searchFiles(workspace, query);
  const { patch, ...facts } = await takePatch(workspace);
  return {
    ...facts,
    patch: Buffer.from(patch).toString("latin1"),
    files: (await listFiles(workspace)).map(({ path }) => path),
  };
}
