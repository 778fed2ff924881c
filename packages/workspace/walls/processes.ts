import { readdirSync, readFileSync, statSync } from "node:fs";

export type Process = { pid: number; parent: number; memoryBytes: number };

const PAGE = 4096;

/** proc(5): the name may hold spaces and brackets, so fields are counted from its last bracket. */
function parseStat(pid: number, stat: string): Process[] {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? [] : [{ pid, parent: Number(fields[1]), memoryBytes: Number(fields[21]) * PAGE }];
}

/** A process that ends while we look is simply not in the list; one that has ended and waits for its parent neither. */
export function listProcesses(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return parseStat(Number(name), readFileSync(`/proc/${name}/stat`, "latin1"));
    } catch {
      return [];
    }
  });
}

export function descendantsOf(pid: number, processes: readonly Process[]): Process[] {
  const children = Map.groupBy(processes, (process) => process.parent);
  const found: Process[] = [];
  const queue = [pid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const child of children.get(next) ?? []) {
      found.push(child);
      queue.push(child.pid);
    }
  }
  return found;
}

export const ownedBy = (uid: number, processes: readonly Process[]) =>
  processes.filter(({ pid }) => {
    try {
      return statSync(`/proc/${pid}`).uid === uid;
    } catch {
      return false;
    }
  });

export const memoryOf = (processes: readonly Process[]) =>
  processes.reduce((sum, process) => sum + process.memoryBytes, 0);

/** To a process, or to a group of them (negative), that may be gone already. */
export function sendTo(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

/** What the machine could still give away, in bytes; memory that is nobody's (shared, of sockets and pipes) counts too. */
export const memoryLeft = () =>
  1024 *
  Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "latin1"))?.[1] ?? Number.POSITIVE_INFINITY);
