import { readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isCode } from "../filesystem/error-code.ts";

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

/**
 * Ends the first process of a pid namespace and waits until it is gone: then, says pid_namespaces(7), no other process
 * of it is left either. A number that is another process's by now counts as gone.
 */
export async function endNamespace(first: number): Promise<void> {
  for (const until = performance.now() + GONE_WITHIN_MS; isFirst(first); await setTimeout(5)) {
    sendTo(first, "SIGKILL");
    if (performance.now() > until) throw new Error(`process ${first} and what it started could not be ended`);
  }
}
const GONE_WITHIN_MS = 30_000;

/** proc(5): the numbers of a process in its own pid namespace and those above, and its state. */
function isFirst(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return /^NSpid:.*\t1$/m.test(status) && !/^State:\s+[ZX]/m.test(status);
  } catch (error) {
    if (isCode(error, "EMFILE") || isCode(error, "ENFILE")) return true; // We cannot look now.
    return false;
  }
}

/** Ends every process of a user, and waits until none is left. */
export const endOwned = (uid: number): Promise<void> =>
  endThose(`processes of user ${uid}`, (processes) => ownedBy(uid, processes));

/** Ends every process that has this variable (`NAME=value`) from its start, and waits until none is left. */
export const endStartedWith = (variable: string): Promise<void> =>
  endThose(`processes with ${variable}`, (processes) =>
    processes.filter(({ pid }) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(variable);
      } catch {
        return false;
      }
    }),
  );

/** Ends every process that is chosen, and waits until none is left. `named`: for the error where one stays. */
export async function endThose(named: string, chosen: (processes: readonly Process[]) => Process[]): Promise<void> {
  for (const until = performance.now() + GONE_WITHIN_MS; ; await setTimeout(20)) {
    const left = lookAt(() => chosen(listProcesses()));
    if (left?.length === 0) return;
    for (const { pid } of left ?? []) sendTo(pid, "SIGKILL");
    if (performance.now() > until) throw new Error(`${named} could not be ended`);
  }
}

function lookAt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isCode(error, "EMFILE") || isCode(error, "ENFILE")) return undefined;
    throw error;
  }
}
