import { createHash } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

/** Whose rate limit it is: a provider counts by account and model. The key itself never leaves the process. */
export type RateLimited = { url: string; apiKey: string; model: string };

/** When DynamoDB may remove the row (its TTL attribute, `expiresAt`): long after anybody asks for it. */
const KEEP_SECONDS = 60 * 60;

const PauseRow = z.object({ until: z.iso.datetime() });

const keyOf = ({ url, apiKey, model }: RateLimited): RowKey => ({
  pk: `PAUSE#${createHash("sha256").update(`${url}\n${apiKey}`).digest("hex").slice(0, 32)}`,
  sk: `MODEL#${model}`,
});

/**
 * What the runs of a deployment tell each other about a model's rate limit: one small row with the time until which
 * nobody asks. The time only moves forward, so the longest wait that anybody was told holds for all.
 */
export const createPauses = (deps: { documents: DynamoDBDocumentClient; table: string }) => {
  const writes = createWrites(deps);
  return (who: RateLimited) => {
    const key = keyOf(who);
    return {
      /** May lie in the past. undefined: nobody was told to wait. */
      async until(): Promise<Date | undefined> {
        const row = await writes.read(key);
        return row && new Date(PauseRow.parse(row).until);
      },

      async extend(until: Date): Promise<void> {
        const expiresAt = Math.ceil(until.getTime() / 1_000) + KEEP_SECONDS;
        const set = { until: until.toISOString(), expiresAt };
        // Times in this form sort as text.
        const moves = { expression: "attribute_not_exists(#until) OR #until < :later", values: { later: set.until } };
        await writes.update(key, { set }, moves);
      },
    };
  };
};
export type Pauses = ReturnType<typeof createPauses>;
