import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { Item } from "./item.ts";

/** What the stand-in must know of its tables: their keys, and which attributes an index uses as keys. */
export const createTables = (definitions: CreateTableCommandInput[]) => {
  const keysOf = (schema: { AttributeName?: string | undefined }[] | undefined) =>
    (schema ?? []).map(({ AttributeName }) => AttributeName ?? "");
  const byName = new Map(
    definitions.map((table) => [
      table.TableName,
      {
        keys: keysOf(table.KeySchema),
        indexKeys: (table.GlobalSecondaryIndexes ?? []).flatMap((index) =>
          keysOf(index.KeySchema).map((attribute) => ({ index: index.IndexName ?? "", attribute })),
        ),
      },
    ]),
  );
  return {
    keyOf: (name: string, item: Item): Item =>
      Object.fromEntries((byName.get(name)?.keys ?? []).map((key) => [key, item[key] ?? {}])),
    indexKeys: (name: string) => byName.get(name)?.indexKeys ?? [],
  };
};
export type Tables = ReturnType<typeof createTables>;
