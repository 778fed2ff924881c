import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What the machine and this task's control group still have for us, and whether the kernel had to end a process for it.
 * cgroup v2: memory.max, memory.current, memory.events. v1: memory.limit_in_bytes, memory.usage_in_bytes,
 * memory.oom_control. A container sees its own group at the root of what is mounted, or by its whole path.
 */
export type MemoryOfTask = {
  /** Less than that is left, or, in a small group, than an eighth of what it may have. */
  isShort(bytes: number): boolean;
  /** Processes that the kernel ended for memory, so far. */
  kills(): number;
};

export function memoryOfTask({ proc = "/proc", groups = "/sys/fs/cgroup" } = {}): MemoryOfTask {
  const folders = groupFolders(read(join(proc, "self/cgroup")), groups);
  return {
    isShort: (bytes) =>
      ofMachine(read(join(proc, "meminfo"))) < bytes ||
      folders.map(roomIn).some(({ left, limit }) => left < Math.min(bytes, limit / 8)),
    // Those above count the kills of others too.
    kills: () => folders.map(killsIn).find((count) => count !== undefined) ?? 0,
  };
}

/** Memory that belongs to no process (shared, of sockets and pipes) counts too. */
const ofMachine = (meminfo: string) =>
  1024 * numberOr(Number.POSITIVE_INFINITY, /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo));

/** Our group and those above it, as far as they are to be seen. */
function groupFolders(membership: string, groups: string): string[] {
  return membership.split("\n").flatMap((line) => {
    const [, controllers, path = "/"] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === "") return [groups, join(groups, "unified")].flatMap((root) => upwards(root, path));
    return controllers?.split(",").includes("memory") ? upwards(join(groups, controllers), path) : [];
  });
}

function upwards(root: string, path: string): string[] {
  const names = path.split("/").filter((name) => name !== "" && name !== "..");
  return [...names.keys(), names.length].reverse().map((depth) => join(root, ...names.slice(0, depth)));
}

function roomIn(folder: string): { left: number; limit: number } {
  const limit = numberIn(folder, "memory.max") ?? numberIn(folder, "memory.limit_in_bytes");
  const used = numberIn(folder, "memory.current") ?? numberIn(folder, "memory.usage_in_bytes");
  if (limit === undefined || used === undefined) return { left: Number.POSITIVE_INFINITY, limit: 0 };
  // Pages of files that were not read lately are given up first.
  const stat = read(join(folder, "memory.stat"));
  const cache = numberOr(0, /^total_inactive_file (\d+)$/m.exec(stat) ?? /^inactive_file (\d+)$/m.exec(stat));
  return { left: limit - used + cache, limit };
}

function killsIn(folder: string): number | undefined {
  const texts = ["memory.events", "memory.oom_control"].map((name) => read(join(folder, name)));
  return texts.map((text) => /^oom_kill (\d+)$/m.exec(text)).map((found) => (found ? Number(found[1]) : undefined))[
    texts[0] ? 0 : 1
  ];
}

/** "max", or no such file: undefined. */
function numberIn(folder: string, name: string): number | undefined {
  const text = read(join(folder, name)).trim();
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

const numberOr = (otherwise: number, found: RegExpExecArray | null) =>
  found?.[1] === undefined ? otherwise : Number(found[1]);

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
