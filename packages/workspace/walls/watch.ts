import { execFile } from "node:child_process";
import { statfsSync } from "node:fs";
import { promisify } from "node:util";
import type { CommandLimits } from "../limits.ts";
import type { Workspace } from "../workspace.ts";
import { SYSTEM_PATH } from "./inside.ts";
import { memoryLeft } from "./processes.ts";
import type { TierBuild } from "./tier.ts";
import type { EndedBy } from "./walls.ts";

/** Looked at while a command runs: memory over all its processes, and the disk. Says when it must end, and why. */
export function watchOver({ folder }: Workspace, build: TierBuild, limits: CommandLimits) {
  const atStart = freeOn(folder);
  let measured = atStart.bytes;
  return async (pid: number): Promise<EndedBy | undefined> => {
    if ((build.memoryOf?.(pid) ?? 0) > limits.memoryBytes) return "memory";
    if (build.memoryOf && memoryLeft() < limits.freeMemoryBytes) return "memory";
    const free = freeOn(folder);
    if (free.bytes < limits.freeDiskBytes && free.bytes < atStart.bytes) return "disk";
    if (free.files < limits.freeFiles && free.files < atStart.files) return "disk";
    // Others write to this disk too, so a shrinking one is only the occasion to measure our own folder.
    if (measured - free.bytes < limits.workspaceBytes / 8) return undefined;
    measured = free.bytes;
    return (await sizeOf(folder)) > limits.workspaceBytes ? "disk" : undefined;
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
