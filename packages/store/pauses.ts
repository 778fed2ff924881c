import { createHash } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { fromNow } from "../clock/steady-clock.ts";
import { expiring } from "./expiry.ts";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

/** Whose rate limit it is: a provider counts by account and model. The key itself never leaves the process. */
export type RateLimited = { url: string; apiKey: string; model: string };

/** Further ahead than clocks of two machines differ. */
const AHEAD_MS = 60_000;

/** `at`: when it was written, by the clock of who wrote it. Rows of earlier releases have none. */
const PauseRow = z.object({ until: z.iso.datetime(), at: z.iso.datetime().optional() });

const keyOf = ({ url, apiKey, model }: RateLimited): RowKey => ({
  pk: `PAUSE#${createHash("sha256").update(`${url}\n${apiKey}`).digest("hex").slice(0, 32)}`,
  sk: `MODEL#${model}`,
});

/**
 * What the runs of a deployment tell each other about a model's rate limit: one small row with the time until which
 * no run asks. The time only moves forward, so the longest wait that any run was told holds for all.
 */
export const createPauses = (deps: { documents: DynamoDBDocumentClient; table: string; now?: () => Date }) => {
  const now = deps.now ?? (() => new Date());
  const writes = createWrites(deps);
  return (who: RateLimited) => {
    const key = keyOf(who);
    return {
      /** May lie in the past. undefined: no run was told to wait. */
      async until(): Promise<Date | undefined> {
        const row = await writes.read(key);
        if (!row) return undefined;
        const { until, at } = PauseRow.parse(row);
        return new Date(fromNow(Date.parse(until), at === undefined ? at : Date.parse(at), now().getTime()));
      },

      async extend(until: Date): Promise<void> {
        const at = now();
        const set = { until: until.toISOString(), at: at.toISOString(), ...expiring(until, "hour") };
        // Times in this form sort as text. What was written by a clock that was ahead of ours no longer counts.
        const moves = {
          expression: "attribute_not_exists(#until) OR #until < :later OR #at > :ahead",
          values: { later: set.until, ahead: new Date(at.getTime() + AHEAD_MS).toISOString() },
        };
        await writes.update(key, { set }, moves);
      },
    };
  };
};
