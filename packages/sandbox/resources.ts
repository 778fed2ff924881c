import { readFileSync } from "node:fs";
import type { CommandLimits } from "./limits.ts";

/** What setrlimit(2) is told for a command. */
export type Resources = { data: number; fsize: number; nproc: number; nofile: number; cpu: number };

/** Their names in proc_pid_limits(5). */
const NAMES: Record<keyof Resources, string> = {
  data: "Max data size",
  fsize: "Max file size",
  nproc: "Max processes",
  nofile: "Max open files",
  cpu: "Max cpu time",
};

/** Ours; only root can give a command more than that. */
export type OwnLimits = Record<keyof Resources, number>;

export function parseLimits(text: string): OwnLimits {
  const hard = (name: string) => {
    const [, words] = new RegExp(`^${name} +\\S+ +(\\S+)`, "m").exec(text) ?? [];
    return words === undefined || words === "unlimited" ? Number.POSITIVE_INFINITY : Number(words);
  };
  return Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, hard(name)])) as OwnLimits;
}

/** Node raises its own soft limit of open files to the hard one when it starts, so the hard one counts. */
const OWN = parseLimits(process.platform === "linux" ? readFileSync("/proc/self/limits", "latin1") : "");
export const ownLimits = (): OwnLimits => OWN;

/** The limits of a command, none above ours: raising one would be refused, and the command would not start. */
export function resourcesOf(cpuSeconds: number, limits: CommandLimits, own: OwnLimits = ownLimits()): Resources {
  const wanted: Resources = {
    data: limits.memoryBytes,
    fsize: limits.fileBytes,
    nproc: limits.processes,
    nofile: limits.openFiles,
    cpu: cpuSeconds,
  };
  const lowered = Object.entries(wanted).map(([key, value]) => [key, Math.min(value, own[key as keyof Resources])]);
  return Object.fromEntries(lowered) as Resources;
}
