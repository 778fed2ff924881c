import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "../../jobs/errors.ts";

/** https://www.sqlite.org/rescode.html#notadb */
const NOT_A_DATABASE = 26;

export type FolderLock = { release(): void };

/**
 * One process on a folder. The lock is one of the operating system (SQLite's, the only one that Node offers), so it ends
 * with its holder, however that dies: there is no stale lock to clear up and no moment in which two processes take one over.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true });
  const holder = join(folder, "lock-holder");
  const database = new DatabaseSync(join(folder, "lock"));
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode === NOT_A_DATABASE)
      throw new UserError(`${join(folder, "lock")} is damaged. Delete it: it holds nothing.`, { cause });
    throw new UserError(
      `${folder} is in use by process ${holderOf(holder)}. Stop that one first, or start in another folder.`,
      { cause },
    );
  }
  noteHolder(holder);
  return { release: () => database.close() };
}

/** On a full disk there is a lock all the same. */
function noteHolder(file: string) {
  try {
    writeFileSync(file, String(process.pid));
  } catch {}
}

/** For the sentence only; the lock does not depend on it. */
function holderOf(file: string) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "(unknown)";
  }
}
