import { readFileSync } from "node:fs";
import { listProcesses, ownedBy } from "./processes.ts";

/** user_namespaces(7): the numbers that exist here. Elsewhere than on Linux: all. */
export type IdRange = { first: number; count: number };

export const parseIdMap = (text: string): IdRange[] =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([first = 0, _outside, count = 0]) => ({ first, count }));

/** No distribution hands these numbers out. */
const FAR_AWAY = 200_000_000;
/** Users of people and daemons stand below, `nobody` at the end of 16 bits. */
const FIRST_UNUSED = 10_000;
const LAST_UNUSED = 65_533;

/**
 * A number of its own per runner: no two live processes have the same pid. In a container whose root is not the
 * machine's (rootless Docker, userns-remap) few numbers are mapped, mostly 65,536: then one of those.
 */
export function idFor(pid: number, map: readonly IdRange[]): number | undefined {
  const far = FAR_AWAY + pid;
  if (map.some(({ first, count }) => far >= first && far - first < count)) return far;
  const usable = map
    .map(({ first, count }) => ({ from: Math.max(first, FIRST_UNUSED), to: Math.min(first + count - 1, LAST_UNUSED) }))
    .filter(({ from, to }) => from <= to)
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))[0];
  return usable && usable.from + (pid % (usable.to - usable.from + 1));
}

/** undefined: no user but root exists here. */
export function userForThisRunner(pid: number = process.pid): { uid: number; gid: number } | undefined {
  const [uids, gids] = [idMap("uid"), idMap("gid")];
  for (let attempt = 0; attempt < 100; attempt++) {
    const [uid, gid] = [idFor(pid + attempt, uids), idFor(pid + attempt, gids)];
    if (uid === undefined || gid === undefined) return undefined;
    // Where numbers are few, two runners could meet.
    if (ownedBy(uid, listProcesses()).length === 0) return { uid, gid };
  }
  return undefined;
}

function idMap(kind: "uid" | "gid"): IdRange[] {
  try {
    return parseIdMap(readFileSync(`/proc/self/${kind}_map`, "latin1"));
  } catch {
    return [{ first: 0, count: 2 ** 32 - 1 }];
  }
}
