import { z } from "zod";
import { fromNow } from "../clock/steady-clock.ts";
import { expiring } from "./expiry.ts";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

/** One slot each `everyMs`; after a quiet time `burst` of them at once. */
export type Rate = { everyMs: number; burst: number };

/** `at`: when it was written, by the clock of who wrote it. Rows of earlier releases have none. */
const SlotRow = z.object({ freeAt: z.number(), at: z.number().optional(), version: z.string() });
/** No service closes a limit for longer; a row without `at` is not trusted further. */
const LONGEST_MS = 60_000;

const keyOf = (limit: string): RowKey => ({ pk: `LANE#${limit}`, sk: "LANE" });

/** A wait is never longer than it would have been from now. */
const freeAtOf = ({ freeAt, at }: z.infer<typeof SlotRow>, now: number) =>
  at === undefined ? Math.min(freeAt, now + LONGEST_MS) : fromNow(freeAt, at, now);

/**
 * Slots that all processes of a deployment share: a row for each limit, which says when the last slot given out would
 * be over if requests did not come in bursts. Times in ms. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export const createSlots = (deps: Parameters<typeof createWrites>[0]) => {
  const writes = createWrites(deps);

  /** `move` is asked again when another process moved the limit in between; undefined leaves it as it is. */
  async function moveLimit(limit: string, now: number, move: (freeAt: number) => number | undefined): Promise<boolean> {
    for (;;) {
      const found = await writes.read(keyOf(limit));
      const row = found && SlotRow.parse(found);
      const freeAt = move(row ? freeAtOf(row, now) : 0);
      if (freeAt === undefined) return false;
      const next = { ...keyOf(limit), freeAt, at: now, ...expiring(new Date(freeAt), "hour") };
      const moved = row ? await writes.replace(next, row.version) : await writes.putIfAbsent(next);
      if (moved.written) return true;
    }
  }

  return {
    /**
     * How long to wait for the slot that is ours now. undefined, and none was taken: `spare` slots would not be left at
     * once for others, or ours would come later than `withinMs`.
     */
    async takeSlot(
      limit: string,
      { now, everyMs, burst, spare, withinMs = Infinity }: Rate & { now: number; spare?: number; withinMs?: number },
    ): Promise<number | undefined> {
      const most = spare === undefined ? withinMs : -spare * everyMs;
      let waitMs = 0;
      const taken = await moveLimit(limit, now, (freeAt) => {
        waitMs = Math.max(freeAt, now) - now - (burst - 1) * everyMs;
        return waitMs > most ? undefined : Math.max(freeAt, now) + everyMs;
      });
      return taken ? Math.max(0, waitMs) : undefined;
    },

    /** No process gets a slot before `until`, ms: the service itself has said so. */
    async holdSlots(
      limit: string,
      { now, until, everyMs, burst }: Rate & { now: number; until: number },
    ): Promise<void> {
      const closed = until + (burst - 1) * everyMs;
      await moveLimit(limit, now, (freeAt) => (freeAt >= closed ? undefined : closed));
    },
  };
};
