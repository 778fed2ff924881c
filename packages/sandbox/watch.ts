import { execFile } from "node:child_process";
import { statfsSync } from "node:fs";
import { promisify } from "node:util";
import type { Folders } from "./folders.ts";
import type { EndedFor } from "./launch.ts";
import type { CommandLimits } from "./limits.ts";
import { memoryOfTask } from "./memory.ts";
import type { ModeBuild } from "./mode.ts";
import { SYSTEM_PATH } from "./toolchains/toolchains.ts";

const MEMORY_IS_SHORT = "the memory of the task was used up: this command took nearly all that the machine has left";

/** Looked at while a command runs: memory over all its processes, and the disk. Says when it must end, and why. */
export function watchOver({ folder }: Folders, build: ModeBuild, limits: CommandLimits) {
  const atStart = freeOn(folder);
  let measured = atStart.bytes;
  const memory = memoryOfTask();
  return async (pid: number): Promise<EndedFor | undefined> => {
    if ((build.memoryOf?.(pid) ?? 0) > limits.memoryBytes) return { by: "memory" };
    if (build.memoryOf && memory.isShort(limits.freeMemoryBytes)) return { by: "memory", why: MEMORY_IS_SHORT };
    const free = freeOn(folder);
    if (free.bytes < limits.freeDiskBytes && free.bytes < atStart.bytes) return { by: "disk" };
    if (free.files < limits.freeFiles && free.files < atStart.files) return { by: "disk" };
    // Others write to this disk too, so a shrinking one is only the occasion to measure our own folder.
    if (measured - free.bytes < limits.workspaceBytes / 8) return undefined;
    measured = free.bytes;
    return (await sizeOf(folder)) > limits.workspaceBytes ? { by: "disk" } : undefined;
  };
}

/** A file system without a fixed number of files says that it has none in all. */
function freeOn(folder: string) {
  const disk = statfsSync(folder);
  return { bytes: disk.bavail * disk.bsize, files: disk.files === 0 ? Number.POSITIVE_INFINITY : disk.ffree };
}

/** Blocks on the disk, so a sparse file counts as what it takes. */
async function sizeOf(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)("du", ["-skx", folder], { env: { PATH: SYSTEM_PATH } }).catch(
    (error: { stdout: string }) => error,
  );
  return Number.parseInt(stdout, 10) * 1024 || 0;
}
