import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { UserError } from "../../jobs/errors.ts";

/** Five runners, each with git, a proxy and a sandbox, beside six servers. Node raises the limit as far as it may. */
const NEEDED = 1_024;

/** How many files and connections one process may have open here. */
function allowed(): number {
  const said = existsSync("/proc/self/limits")
    ? (/^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? "")
    : execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim();
  return said === "unlimited" ? Number.POSITIVE_INFINITY : Number(said);
}

/** @throws UserError where runs would end without a result, each for another reason. */
export function checkDescriptors(limit = allowed()): void {
  if (limit >= NEEDED) return;
  throw new UserError(
    `This shell lets a program have ${limit} files open, and Cody needs ${NEEDED}. Run \`ulimit -n ${NEEDED}\` first; ` +
      "where that is refused, an administrator raises the hard limit.",
  );
}
