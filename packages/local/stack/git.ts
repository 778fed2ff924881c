import { spawnSync } from "node:child_process";
import { UserError } from "../../jobs/errors.ts";

export const NO_GIT = "git is not installed, or not on the PATH. Install it first.";

/** @throws UserError where a stack could neither keep repositories nor clone them. */
export function checkGit(path = process.env.PATH): void {
  if (spawnSync("git", ["--version"], { stdio: "ignore", env: { PATH: path } }).error) throw new UserError(NO_GIT);
}
