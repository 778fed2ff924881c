import { readFileSync } from "node:fs";

/** What this process alone has used, its children apart: for sizing the task, and for the bench. */
export type Footprint = { cpuMs: number; peakMb: number };

export function footprint(): Footprint {
  const { user, system } = process.cpuUsage();
  return { cpuMs: Math.round((user + system) / 1_000), peakMb: Math.round(peakKb() / 1_024) };
}

/** Not `resourceUsage().maxRSS` where it can be helped: Linux hands down the peak of the process that started this one. */
function peakKb(): number {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))![1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
