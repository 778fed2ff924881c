import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { createReadRows, MAX_KEYS } from "./read-rows.ts";
import type { Row } from "./rows.ts";
import { INDEXES, type IndexName } from "./table.ts";

/** `after`: what the last page gave; absent for the first page. */
export type PageRequest = { limit: number; after?: string | undefined };

type Order = {
  oldestFirst?: boolean;
  /** Only what sorts before this. */
  before?: string;
};

const Cursor = z.tuple([z.string(), z.string(), z.string()]);
export const cursorOf = (key: Row, sort: string) =>
  Buffer.from(JSON.stringify([key.pk, key.sk, key[sort]])).toString("base64url");
const readCursor = (after: string) => Cursor.parse(JSON.parse(Buffer.from(after, "base64url").toString()));

/**
 * A page of an index, newest first; its rows as they are now, and not as the index remembers them. The partition comes
 * from the caller, never from the cursor: a cursor of one workspace opens nothing of another.
 */
export const createIndexPages = (deps: { documents: DynamoDBDocumentClient; table: string }) => {
  const { documents, table } = deps;
  const readRows = createReadRows(deps);

  return async (
    index: IndexName,
    partition: string,
    { limit, after, oldestFirst = false, before }: PageRequest & Order,
  ): Promise<{ rows: Row[]; after?: string }> => {
    const names = INDEXES[index];
    const [pk, sk, sort] = after === undefined ? [] : readCursor(after);
    const { Items = [], LastEvaluatedKey } = await documents.send(
      new QueryCommand({
        TableName: table,
        IndexName: index,
        KeyConditionExpression: `#partition = :partition${before === undefined ? "" : " AND #sort < :before"}`,
        ExpressionAttributeNames: {
          "#partition": names.partition,
          ...(before !== undefined && { "#sort": names.sort }),
        },
        ExpressionAttributeValues: { ":partition": partition, ...(before !== undefined && { ":before": before }) },
        ScanIndexForward: oldestFirst,
        Limit: Math.min(limit, MAX_KEYS),
        ...(after !== undefined && { ExclusiveStartKey: { pk, sk, [names.partition]: partition, [names.sort]: sort } }),
      }),
    );
    const rows = await readRows(Items.map((item) => ({ pk: String(item.pk), sk: String(item.sk) })));
    return { rows, ...(LastEvaluatedKey && { after: cursorOf(LastEvaluatedKey, names.sort) }) };
  };
};
