import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { endThose } from "../sandbox/processes.ts";

/**
 * Ends what a runner has left that was killed itself: a sandbox that had not begun to watch its parent (bubblewrap does
 * once its inner process exists, which then waits for ever), and without a sandbox every command and git. They lead groups
 * of their own, so they are known by the runner's folder: in their variables, or among the arguments of a bwrap.
 */
export async function endOrphans(scratch: string): Promise<void> {
  if (!existsSync("/proc/self/environ") || !existsSync(scratch)) return;
  const folders = [...new Set([scratch, realpathSync(scratch)])];
  const isWithin = (path: string) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  await endThose(`what was started in ${scratch}`, (processes) =>
    processes.filter(({ pid }) => pid !== process.pid && belongs(pid, isWithin)),
  );
}

function belongs(pid: number, isWithin: (path: string) => boolean): boolean {
  const [program = "", ...args] = wordsOf(pid, "cmdline");
  if (basename(program) === "bwrap" && args.some(isWithin)) return true;
  return wordsOf(pid, "environ").some((variable) => {
    const [, path] = /^(?:HOME|GIT_DIR|CODY_WORK_DIR)=(.*)$/s.exec(variable) ?? [];
    return path !== undefined && isWithin(path);
  });
}

/** Empty for a process that has ended, and for those of others. */
function wordsOf(pid: number, file: "cmdline" | "environ"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return [];
  }
}
