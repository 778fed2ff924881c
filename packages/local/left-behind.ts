import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isCode } from "../filesystem/error-code.ts";
import { endOrphans } from "./orphans.ts";
import { temporaryFolder } from "./stack/state-folder.ts";

/** A runner that is told to stop stores what the next attempt needs, which takes a moment. */
const GRACE_MS = 4_000;
const LOOK_MS = 50;

const PID_FILE = "process";
export const noteProcess = (scratch: string, pid: number) => writeFileSync(join(scratch, PID_FILE), String(pid));

/**
 * Ends the runners that a killed stack has left, and removes their folders. A process is ended only where it is known
 * for a runner of that very folder: its number may be another process's by now.
 */
export async function clearScratch(scratchRoot: string, log: (line: string) => void): Promise<void> {
  if (!existsSync(scratchRoot)) return;
  const left = readdirSync(scratchRoot).map((name) => join(scratchRoot, name));
  const runners = left.flatMap((scratch) => runnerOf(scratch) ?? []);
  for (const { pid } of runners) signalGroup(pid, "SIGTERM");
  for (let waited = 0; waited < GRACE_MS && runners.some(isAlive); waited += LOOK_MS) await sleep(LOOK_MS);
  for (const { pid } of runners) signalGroup(pid, "SIGKILL");
  for (const scratch of left) await endOrphans(scratch).catch((error: unknown) => log(`${error}`));
  for (const scratch of left) rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  if (left.length > 0) log(`cleared what a killed stack has left: ${left.length} folders, ${runners.length} runners`);
}

type Runner = { pid: number; scratch: string };

function runnerOf(scratch: string): Runner | undefined {
  const file = join(scratch, PID_FILE);
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  return pid > 1 && isAlive({ pid, scratch }) ? { pid, scratch } : undefined;
}

/** By its variables, which outlive no process. Where there is no /proc, `ps` shows those of one's own. */
function isAlive({ pid, scratch }: Runner): boolean {
  try {
    const about = existsSync("/proc/self/environ")
      ? readFileSync(`/proc/${pid}/environ`, "utf8")
      : execFileSync("ps", ["-E", "-p", String(pid), "-o", "command="], { encoding: "utf8" });
    return about.split(/[\0\s]/).includes(`CODY_WORK_DIR=${scratch}`);
  } catch {
    return false;
  }
}

/** To the group of a process; one that has gone is no error. */
export function signalGroup(pid: number, how: NodeJS.Signals): void {
  try {
    process.kill(-pid, how);
  } catch (error) {
    if (!isCode(error, "ESRCH")) throw error;
  }
}

const NAME = /^cody-\w{6}$/;

/**
 * A folder for the temporary files of all runners, with a short path, because sockets stand there: a state folder may
 * lie deep. `note` remembers it, so that the next start removes what a killed stack has left.
 */
export function openTemporary(note: string) {
  clearTemporary(note);
  const folder = temporaryFolder("cody-");
  writeFileSync(note, folder);
  return {
    /** A folder of one task. */
    folderOf(name: string): string {
      const own = join(folder, name);
      mkdirSync(own, { recursive: true, mode: 0o700 });
      return own;
    },
    close() {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      rmSync(note, { force: true });
    },
  };
}

export function clearTemporary(note: string): void {
  if (existsSync(note)) removeOwn(readFileSync(note, "utf8").trim());
}

/** Only what this user made as such a folder: the note may be old, and others make folders there too. */
function removeOwn(folder: string): void {
  try {
    const { uid } = lstatSync(folder);
    if (NAME.test(basename(folder)) && uid === process.getuid?.())
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
}
