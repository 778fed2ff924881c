import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createIndexPages } from "./index-pages.ts";
import { MAX_KEYS } from "./read-rows.ts";
import type { Row } from "./rows.ts";

/**
 * A list in the index `open`, in pages, the most overdue first: `openSince` is when a row is due. What has left the list
 * since the index was read is left out. `before`: only what is due before this time.
 */
export const createOpenRows = (deps: { documents: DynamoDBDocumentClient; table: string }) => {
  const page = createIndexPages(deps);
  return async function* (
    list: string,
    { before, limit = MAX_KEYS }: { before?: string; limit?: number } = {},
  ): AsyncGenerator<Row[]> {
    const isListed = ({ open, openSince }: Row) =>
      open === list && (before === undefined || String(openSince) < before);
    let after: string | undefined;
    do {
      const next = await page("open", list, {
        limit,
        after,
        oldestFirst: true,
        ...(before !== undefined && { before }),
      });
      yield next.rows.filter(isListed);
      after = next.after;
    } while (after !== undefined);
  };
};
