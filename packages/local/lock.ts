import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../jobs/user-error.ts";

/**
 * One process at a time on a state folder: two would corrupt the table on disk. The lock names its holder's pid and
 * start time, so one left behind by a killed process (or by a pid that somebody else has now) is taken over.
 */
export function holdFolder(folder: string): { release(): void } {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "lock.json");
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  try {
    writeFileSync(file, mine, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const holder = holderOf(file);
    if (holder)
      throw new UserError(
        `${folder} is in use by process ${holder.pid}. Stop that one first, or start in another folder.`,
      );
    writeFileSync(file, mine);
  }
  return { release: () => rmSync(file, { force: true }) };
}

function holderOf(file: string): { pid: number } | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, "utf8"));
    return Number.isInteger(pid) && startOf(pid) !== undefined && startOf(pid) === started ? { pid } : undefined;
  } catch {
    return undefined;
  }
}

/** A stamp that differs when a pid is used again; undefined: no such process. Field 22 of /proc/PID/stat on Linux. */
function startOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return isAlive(pid) ? "alive" : undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
