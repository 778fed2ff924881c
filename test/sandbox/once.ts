/**
 * A runner for one command, in whatever a test put around it (limits, a user namespace, a control group). Prints the
 * mode, its note and the run as one line of JSON.
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { foldersIn, makeFolders } from "../../packages/sandbox/folders.ts";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import type { Policy } from "../../packages/sandbox/proxy/destinations.ts";
import type { CommandRequest, SandboxMode } from "../../packages/sandbox/sandbox.ts";

export type Once = {
  mode: SandboxMode;
  folder: string;
  launcher: string;
  limits?: Record<string, number>;
  request: Partial<CommandRequest>;
  /** Takes descriptors until this many are left: before the command, or when there is this file in its tree. */
  hog?: { leave: number; once?: string };
  /** Only for a command with network: everything is open. */
  open?: boolean;
};

const options: Once = JSON.parse(process.argv[2] ?? "");
const ANYWHERE: Policy = { refuses: () => undefined, refusesAddress: () => undefined };
const sandbox = await probeSandbox({
  unsafe: false,
  modes: [options.mode],
  launcher: options.launcher,
  folder: options.folder,
  ...(options.limits && { limits: options.limits }),
  ...(options.open && { policy: ANYWHERE }),
});
const { mode, note, owner } = sandbox;
const folders = foldersIn(join(options.folder, "workspace"));
await makeFolders(folders, owner);

const hogged: number[] = [];
function hog(leave: number) {
  try {
    for (;;) hogged.push(openSync("/dev/null", "r"));
  } catch {
    for (let i = 0; i < leave; i++) closeSync(hogged.pop()!);
  }
}
async function hogOnce(file: string, leave: number) {
  while (!existsSync(join(folders.tree, file))) await setTimeout(10);
  hog(leave);
}
if (options.hog?.once) void hogOnce(options.hog.once, options.hog.leave);
else if (options.hog) hog(options.hog.leave);

const run =
  mode === "off"
    ? undefined
    : await sandbox
        .run(folders, { command: "true", timeoutMs: 20_000, maxBytes: 4_000, ...options.request })
        .catch((error: Error) => ({ thrown: error.message }));
for (const fd of hogged) closeSync(fd);
console.log(JSON.stringify({ mode, note, uid: owner?.uid, run }));
process.exit();
