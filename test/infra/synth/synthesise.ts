import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { bundleConfig } from "./bundle.ts";
import { unpackPlatform } from "./platform.ts";

export const ROOT = join(import.meta.dirname, "../../..");

export type Resource = { type: string; name: string; inputs: Record<string, unknown> };
export type Synthesis = { app: Record<string, unknown>; resources: Resource[] };
/** `settings`: the whole environment of the deploying person; a secret is SST_SECRET_<Name>. */
export type Deployment = { stage: string; settings: Record<string, string> };

/**
 * Everything that `sst deploy` would ask AWS for, worked out with no network, no account and no Pulumi engine. Rejects
 * with what the deploying person would read. An answer is kept beside node_modules under a hash of all that it is made
 * of, so that several test files pay for it once.
 */
export async function synthesise(deployment: Deployment): Promise<Synthesis> {
  const kept = join(ROOT, "node_modules/.cache/cody-synthesis", await hashOf(deployment));
  return once(kept, () => work(deployment));
}

async function work(deployment: Deployment): Promise<Synthesis> {
  const folder = await mkdtemp(join(tmpdir(), "cody-synthesis-"));
  try {
    const platform = await unpackPlatform({ root: ROOT, folder });
    const program = await bundleConfig({ root: ROOT, platform, folder });
    return await runProgram({ folder, program, ...deployment });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Several test files ask for the same at the same time: the first one works, the others wait for its file. */
async function once(kept: string, make: () => Promise<Synthesis>): Promise<Synthesis> {
  const lock = `${kept}.lock`;
  const read = async () => JSON.parse(await readFile(kept, "utf8")) as Synthesis;
  await mkdir(dirname(kept), { recursive: true });
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(100)) {
    const known = await read().catch(() => undefined);
    if (known) return known;
    const mine = await mkdir(lock).then(
      () => true,
      () => false,
    );
    if (!mine) {
      await breakIfLeftBehind(lock);
      continue;
    }
    try {
      await writeFile(`${lock}/holder`, String(process.pid));
      const answer = await make();
      await writeFile(`${lock}/answer`, JSON.stringify(answer));
      await rename(`${lock}/answer`, kept);
      return answer;
    } finally {
      await rm(lock, { recursive: true, force: true });
    }
  }
  await rm(lock, { recursive: true, force: true }); // whoever held it was killed
  return make();
}
const WAIT_MS = 60_000;

/** A run that was killed leaves its lock; one that has just begun has not signed it yet. */
async function breakIfLeftBehind(lock: string) {
  const holder = Number(await readFile(`${lock}/holder`, "utf8").catch(() => "0"));
  const age = Date.now() - (await stat(lock).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
  const isAlive = holder > 0 && existsSync(`/proc/${holder}`);
  if (holder > 0 ? !isAlive : age > 5_000) await rm(lock, { recursive: true, force: true });
}

async function runProgram({ folder, program, stage, settings }: Deployment & { folder: string; program: string }) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--no-deprecation", join(import.meta.dirname, "child.ts"), program, ROOT, folder, stage],
    { env: { PATH: process.env.PATH, HOME: folder, ...settings }, maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{"app"') + 1)) as Synthesis;
}

/** Whatever the program may be made of: to read it all takes a tenth of the time that bundling takes. */
const SOURCES = [
  "sst.config.ts",
  "package-lock.json",
  "{stacks,functions,packages,containers,test/infra/synth}/**/*.ts",
];

async function hashOf(deployment: Deployment) {
  const hash = createHash("sha256").update(JSON.stringify([ROOT, deployment]));
  for (const file of globSync(SOURCES, { cwd: ROOT }).toSorted())
    hash.update(`\n${file}\n`).update(await readFile(join(ROOT, file)));
  return hash.digest("hex");
}
