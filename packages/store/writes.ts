import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Row, RowKey } from "./rows.ts";

export type Condition = {
  /** Attribute names are written `#name`: many of ours are reserved words. */
  expression: string;
  values?: Record<string, unknown>;
};

export type Change = {
  /** An explicit `undefined` removes the attribute. */
  set?: Row;
  /** Only where the attribute is absent. */
  setOnce?: Row;
  /** Numbers that grow by one. */
  count?: string[];
  /** One entry of a map attribute; the condition calls it `#map.#entry`. */
  entry?: { map: string; key: string; value: unknown };
};

/** `found`: the row that did not meet the condition, if there is one. */
export type Written = { written: true; row: Row } | { written: false; found: Row | undefined };

export const EXISTS: Condition = { expression: "attribute_exists(#pk)" };
const ABSENT: Condition = { expression: "attribute_not_exists(#pk)" };
/** The last write stands. */
export const EITHER_WAY: Condition = { expression: "attribute_exists(#pk) OR attribute_not_exists(#pk)" };

/** As it arrives on the other side: nested `undefined` is left out, which the marshaller would refuse. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value));

const namesIn = (text: string) =>
  Object.fromEntries((text.match(/#\w+/g) ?? []).map((alias) => [alias, alias.slice(1)]));

/** New values are `:new_name`, values of a condition `:name`, so that the two never meet. */
const valuesOf = (values: Row, prefix = ":") =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, plain(value)]));

function expressionOf({ set = {}, setOnce = {}, count = [], entry }: Change) {
  const isGiven = ([, value]: [string, unknown]) => value !== undefined;
  const kept = Object.entries(set).filter(isGiven);
  const removed = Object.keys(set).filter((name) => set[name] === undefined);
  const assignments = [
    ...kept.map(([name]) => `#${name} = :new_${name}`),
    ...Object.keys(setOnce).map((name) => `#${name} = if_not_exists(#${name}, :new_${name})`),
    ...count.map((name) => `#${name} = #${name} + :new_one`),
    ...(entry ? [`#${entry.map}.#entry = :new_entry`] : []),
  ];
  return {
    text: `SET ${assignments.join(", ")}${removed.length > 0 ? ` REMOVE ${removed.map((name) => `#${name}`).join(", ")}` : ""}`,
    values: valuesOf(
      {
        ...Object.fromEntries(kept),
        ...setOnce,
        ...(count.length > 0 && { one: 1 }),
        ...(entry && { entry: entry.value }),
      },
      ":new_",
    ),
  };
}

/**
 * Single-item conditional writes. Every write leaves a mark of its own in `version`. The client repeats a request whose
 * answer was lost, and then the condition fails against our own first try: the mark tells that apart from another's
 * write.
 */
export const createWrites = ({ documents, table }: { documents: DynamoDBDocumentClient; table: string }) => {
  /** `only`: these attributes and no others. */
  const read = async (key: RowKey, only?: readonly string[]): Promise<Row | undefined> => {
    const names = only?.map((name) => `#${name}`).join(", ");
    const projection = names && { ProjectionExpression: names, ExpressionAttributeNames: namesIn(names) };
    const request = { TableName: table, Key: key, ConsistentRead: true, ...projection };
    return (await documents.send(new GetCommand(request))).Item;
  };

  const unlessOurs = async (cause: unknown, key: RowKey, version: string): Promise<Written> => {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    const found = await read(key);
    return found?.version === version ? { written: true, row: found } : { written: false, found };
  };

  const put = async (row: RowKey & Row, condition: Condition): Promise<Written> => {
    const item = { ...plain(row), version: randomUUID() };
    try {
      await documents.send(
        new PutCommand({
          TableName: table,
          Item: item,
          ConditionExpression: condition.expression,
          ExpressionAttributeNames: namesIn(condition.expression),
          ...(condition.values && { ExpressionAttributeValues: valuesOf(condition.values) }),
        }),
      );
      return { written: true, row: item };
    } catch (cause) {
      return unlessOurs(cause, { pk: row.pk, sk: row.sk }, item.version);
    }
  };

  return {
    read,
    putIfAbsent: (row: RowKey & Row) => put(row, ABSENT),
    /** Only where nothing was written since `version` was read. */
    replace: (row: RowKey & Row, version: unknown) =>
      put(row, { expression: "#version = :expected", values: { expected: version } }),

    async update(key: RowKey, change: Change, condition: Condition): Promise<Written> {
      const version = randomUUID();
      const { text, values } = expressionOf({ ...change, set: { ...change.set, version } });
      try {
        const { Attributes } = await documents.send(
          new UpdateCommand({
            TableName: table,
            Key: key,
            UpdateExpression: text,
            ConditionExpression: condition.expression,
            ExpressionAttributeNames: {
              ...namesIn(`${text} ${condition.expression}`),
              ...(change.entry && { "#entry": change.entry.key }),
            },
            ExpressionAttributeValues: { ...values, ...valuesOf(condition.values ?? {}) },
            ReturnValues: "ALL_NEW",
          }),
        );
        return { written: true, row: Attributes as Row };
      } catch (cause) {
        return unlessOurs(cause, key, version);
      }
    },
  };
};
export type Writes = ReturnType<typeof createWrites>;
