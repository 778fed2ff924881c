import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import type { TaskZone } from "../../config/zones.ts";
import { isCode } from "../../filesystem/error-code.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const CACHE = join(ROOT, "node_modules/.cache/cody-runner");
/** What the runner is made of, and more than that: a needless change costs half a second once. */
const SOURCES = ["packages/*/**/*.{ts,md,css,js}", "containers/runner/*.ts", "package-lock.json"];
const KEPT = 4;
const MAKING = "making-";
const ABANDONED_MS = 60 * 60 * 1000;

/** `fileOf`: what Node runs. `compiled`: where Node keeps what it has compiled of it. */
export type RunnerProgram = { fileOf(zone: TaskZone): string; compiled: string };

/**
 * The runner as the image has it, made once per state of the sources: five runners that start at once on a few cores
 * load a few files instead of hundreds. Where no bundle can be made, the sources themselves serve.
 */
export async function openRunnerProgram(log: (line: string) => void, cache = CACHE): Promise<RunnerProgram> {
  const folder = join(cache, stateOfSources());
  const bundleOf = (zone: TaskZone) => join(folder, `${zone}.mjs`);
  const isMade = () => existsSync(bundleOf("work"));
  try {
    if (!isMade()) await makeBundle(cache, folder, isMade);
    tidy(cache, folder);
  } catch (error) {
    if (!isMade()) log(`The runner starts from its sources: no bundle could be made of them (${error}).`);
  }
  return {
    // Asked at each start: another process may have tidied the cache meanwhile.
    fileOf: (zone) => (isMade() ? bundleOf(zone) : join(ROOT, `containers/runner/${zone}.ts`)),
    compiled: isMade() ? join(folder, "compiled") : join(cache, "compiled-sources"),
  };
}

/** Made beside its place, so that a bundle that is there is whole; of two processes that make it at once, one wins. */
async function makeBundle(cache: string, folder: string, isMade: () => boolean) {
  // Loaded when it is needed: most starts find a bundle.
  const { bundleRunner } = await import("../../bundle/bundle.ts");
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, MAKING));
  try {
    await bundleRunner(making);
    // Node may have put what it compiled where a bundle was tidied away. A folder with a bundle is never removed.
    if (!isMade() && !moved(making, folder)) {
      if (isMade()) return;
      rmSync(folder, { recursive: true, force: true });
      renameSync(making, folder);
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Only onto a folder that is not there, or is empty. */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (!isCode(error, "ENOTEMPTY") && !isCode(error, "EEXIST")) throw error;
    return false;
  }
}

/** Looked at once: what this process has loaded of them changes no more either. */
let state: string | undefined;
const stateOfSources = () => (state ??= readStateOfSources());

function readStateOfSources(): string {
  const hash = createHash("sha256").update(process.version);
  for (const file of globSync(SOURCES, { cwd: ROOT }).toSorted()) {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * Keeps this bundle and the last ones that were used before it. What another process makes at the moment is none of
 * them, and goes when it is so old that its maker was killed.
 */
function tidy(cache: string, folder: string) {
  const now = new Date();
  utimesSync(folder, now, now);
  const byUse = readdirSync(cache)
    .map((name) => join(cache, name))
    .map((path) => ({ path, usedMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.usedMs - a.usedMs);
  const isBeingMade = ({ path }: { path: string }) => basename(path).startsWith(MAKING);
  const left = byUse.filter((one) => isBeingMade(one) && now.getTime() - one.usedMs > ABANDONED_MS);
  for (const { path } of [...left, ...byUse.filter((one) => !isBeingMade(one)).slice(KEPT)])
    rmSync(path, { recursive: true, force: true });
}
