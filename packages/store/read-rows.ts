import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Row, RowKey } from "./rows.ts";

/** BatchGetItem takes so many keys. */
export const MAX_KEYS = 100;

type Wanted = {
  /** These attributes and no others, the keys among them. */
  only?: readonly string[];
  /** As they were a moment ago, at half the price; absent: consistently. */
  isRough?: boolean;
};

export const createReadRows = ({ documents, table }: { documents: DynamoDBDocumentClient; table: string }) => {
  async function readSome(keys: readonly RowKey[], { only, isRough = false }: Wanted): Promise<Row[]> {
    const projection = only && {
      ProjectionExpression: only.map((name) => `#${name}`).join(", "),
      ExpressionAttributeNames: Object.fromEntries(only.map((name) => [`#${name}`, name])),
    };
    const rows = new Map<string, Row>();
    let left: Record<string, unknown>[] = [...keys];
    while (left.length > 0) {
      const { Responses, UnprocessedKeys } = await documents.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: !isRough, ...projection } } }),
      );
      for (const row of Responses?.[table] ?? []) rows.set(`${row.pk} ${row.sk}`, row);
      left = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return keys.map(({ pk, sk }) => rows.get(`${pk} ${sk}`)).filter((row) => row !== undefined);
  }

  /** In the order asked for; rows that are gone are left out. */
  return async (keys: readonly RowKey[], wanted: Wanted = {}): Promise<Row[]> => {
    const pages = Array.from({ length: Math.ceil(keys.length / MAX_KEYS) }, (_, i) =>
      readSome(keys.slice(i * MAX_KEYS, (i + 1) * MAX_KEYS), wanted),
    );
    return (await Promise.all(pages)).flat();
  };
};
