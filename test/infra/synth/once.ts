import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Ten times what it takes beside all other tests. */
const WAIT_MS = 600_000;

/**
 * The folder `kept`, filled by `make` when it is not there. Several test files ask for the same at the same time: the
 * first one works, the others wait for its folder.
 */
export async function once(kept: string, make: (folder: string) => Promise<void>): Promise<string> {
  const lock = `${kept}.lock`;
  await mkdir(dirname(kept), { recursive: true });
  for (const end = Date.now() + WAIT_MS; ; await sleep(100)) {
    if (existsSync(kept)) return kept;
    const mine = await mkdir(lock).then(
      () => true,
      () => false,
    );
    if (!mine) {
      if (Date.now() > end) throw new Error(`${lock} is held by a process that does not finish.`);
      await breakIfLeftBehind(lock);
      continue;
    }
    try {
      await writeFile(`${lock}/holder`, String(process.pid));
      await mkdir(`${lock}/answer`);
      await make(`${lock}/answer`);
      await rename(`${lock}/answer`, kept);
      return kept;
    } finally {
      await rm(lock, { recursive: true, force: true });
    }
  }
}

/** A run that was killed leaves its lock; one that has just begun has not signed it yet. */
async function breakIfLeftBehind(lock: string) {
  const holder = Number(await readFile(`${lock}/holder`, "utf8").catch(() => "0"));
  const age = Date.now() - (await stat(lock).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
  const isAlive = holder > 0 && existsSync(`/proc/${holder}`);
  if (holder > 0 ? !isAlive : age > 5_000) await rm(lock, { recursive: true, force: true });
}
