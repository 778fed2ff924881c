import { lookup } from "node:dns/promises";
import { join } from "node:path";
import { foldersIn, makeFolders } from "../../packages/sandbox/folders.ts";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import { addressKind } from "../../packages/sandbox/proxy/addresses.ts";
import type { Sandbox } from "../../packages/sandbox/sandbox.ts";
import { findToolchains } from "../../packages/sandbox/toolchains/find.ts";
import { type Mirrors, type ModeToTry, sandboxOptionsOf } from "./mode-to-try.ts";
import type { Sample } from "./sample.ts";

const ANSWERS_WITHIN_MS = 10_000;

/** The sandbox of this mode, or why there is none here. */
export async function openMode(mode: ModeToTry): Promise<{ sandbox: Sandbox } | { missing: string }> {
  const toolchains = findToolchains(process.env);
  const sandbox = await probeSandbox({ unsafe: false, toolchains, folder: mode.work, ...sandboxOptionsOf(mode) });
  return sandbox.mode === mode.mode ? { sandbox } : { missing: sandbox.note };
}

/** Where the name of a program does not tell which one is meant. */
const IS_THERE: Record<string, string> = {
  "yarn 1": "yarn --version 2>/dev/null | grep -q '^1'",
  // A newer one writes another version of its lock file, and refuses the older one at --immutable.
  "yarn 4.0 to 4.12": "yarn --version 2>/dev/null | grep -Eq '^4[.]([0-9]|1[0-2])[.]'",
};

/** Programs that a command finds there, of these. */
export async function programsIn(sandbox: Sandbox, work: string, names: readonly string[]): Promise<Set<string>> {
  const folders = foldersIn(join(work, "programs"));
  await makeFolders(folders, sandbox.owner);
  const asks = names.map((name) => `{ ${IS_THERE[name] ?? `command -v ${name} >/dev/null`}; } && echo '${name}'`);
  const command = [...asks, "true"].join("\n");
  const { output } = await sandbox.run(folders, { command, timeoutMs: 20_000, maxBytes: 10_000 });
  return new Set(output.split("\n").filter(Boolean));
}

/** Why a registry cannot be read from here; undefined: it answers. */
export async function unreachable(host: string, { addresses: mirrors }: Mirrors): Promise<string | undefined> {
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    const closed = addresses.find((address) => addressKind(address) !== "public" && !mirrors.includes(address));
    if (closed) return `${host} has the address ${closed} here; UPGRADES_ADDRESSES=${closed} opens it`;
    await fetch(`https://${host}/`, { method: "HEAD", signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    return undefined;
  } catch (error) {
    const { message, cause } = error as Error;
    return `${host} does not answer here (${cause instanceof Error ? cause.message : message})`;
  }
}

/** Why this sample is not tried; undefined: everything is there. */
export function missingFor(
  { needs, hosts }: Sample,
  programs: ReadonlySet<string>,
  closed: ReadonlyMap<string, string>,
): string | undefined {
  const program = needs.find((name) => !programs.has(name));
  if (program) return `commands find no ${program} there`;
  return hosts.flatMap((host) => closed.get(host) ?? [])[0];
}
