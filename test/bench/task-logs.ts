import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type TaskEnd = { jobId: string; repository: string; cpuMs: number; peakMb: number };

/** What the Work tasks of a job said about themselves in their last line. */
export function workEnds(folder: string, jobId: string): TaskEnd[] {
  const logs = join(folder, "runner", "logs");
  return readdirSync(logs)
    .filter((file) => file.startsWith(`work-${jobId}-`))
    .map((file) => JSON.parse(readFileSync(join(logs, file), "utf8").trim().split("\n").at(-1)!))
    .filter((line) => line.event === "ended");
}
