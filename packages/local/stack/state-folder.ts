import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCode } from "../../filesystem/error-code.ts";
import { UserError } from "../../jobs/errors.ts";

/** Others on this machine see nothing of a stack: neither what is there nor what comes. */
const OWNER_ONLY = 0o700;

/** Makes the state folder, or takes it over, for its owner alone. @throws UserError where that cannot be. */
export function openStateFolder(folder: string): void {
  try {
    make(folder);
    chmodSync(folder, OWNER_ONLY);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!code) throw cause;
    throw new UserError(`${folder} ${SAYS[code] ?? `cannot be used (${code}). ${ELSEWHERE}`}`, { cause });
  }
}

function make(folder: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  } catch (error) {
    // Node says so too where a read-only file system is the reason, which the plain call names.
    if (!isCode(error, "ENOENT")) throw error;
    mkdirSync(folder, { mode: OWNER_ONLY });
  }
}

const LOOK_MS = 2_000;

/**
 * Calls back once the folder is not there any more, or another one stands in its place: what is written then goes to
 * files that have no name. Answers with what ends the watch.
 */
export function onceGone(folder: string, act: () => void, lookMs = LOOK_MS): () => void {
  const inode = () => statSync(folder, { throwIfNoEntry: false })?.ino;
  const own = inode();
  const timer = setInterval(() => {
    if (inode() === own) return;
    clearInterval(timer);
    act();
  }, lookMs).unref();
  return () => clearInterval(timer);
}

/** A new folder among the temporary files. @throws UserError where there can be none. */
export function temporaryFolder(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (cause) {
    throw new UserError(
      `No temporary folder can be made in ${tmpdir()} (${(cause as NodeJS.ErrnoException).code}). Set TMPDIR to a folder that you may write to.`,
      { cause },
    );
  }
}

const ELSEWHERE = "Start from a copy of Cody in a folder of your own.";
const SAYS: Record<string, string> = {
  EEXIST: "is a file, and the state belongs into a folder of that name. Move the file away.",
  ENOTDIR: "lies below a file. Move that file away.",
  EACCES: `cannot be written: you may not. Make its folder yours to write, or start from a copy of Cody elsewhere.`,
  EPERM: `belongs to another user. ${ELSEWHERE}`,
  EROFS: `cannot be written: its file system is read-only. ${ELSEWHERE}`,
  ENAMETOOLONG: `is too long a path. ${ELSEWHERE}`,
  ELOOP: "is a link that leads to itself. Delete it.",
};
