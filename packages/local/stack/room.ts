import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../jobs/errors.ts";

/** The disk is full, or its owner's share of it. */
export class NoRoom extends UserError {
  override name = "NoRoom";
}

const CODES = ["ENOSPC", "EDQUOT"];
/** https://www.sqlite.org/rescode.html#full: the lock is SQLite's. */
const SQLITE_FULL = 13;

/** What a full disk threw becomes a sentence; anything else stays as it is. */
export function asNoRoom(error: unknown, folder: string): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code = "", errcode } = cause as Error & { code?: string; errcode?: number };
    if (CODES.includes(code) || errcode === SQLITE_FULL)
      return new NoRoom(`There is no room on the disk of ${folder}. Free some; nothing is lost.`, { cause: error });
  }
  return error;
}

const LOOK_MS = 5_000;

/** Starts once there is room: jobs may wait in the folder, and the next look at the machine may be in the morning. */
export async function whenThereIsRoom<Started>(
  start: () => Promise<Started>,
  { say, lookMs = LOOK_MS }: { say: (line: string) => void; lookMs?: number },
): Promise<Started> {
  for (let waited = false; ; waited = true) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      if (!waited) say(`${error.message} Cody starts as soon as there is.`);
      await sleep(lookMs);
    }
  }
}
