import { setImmediate as nextTurn } from "node:timers/promises";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Row, RowKey } from "../../packages/store/rows.ts";
import { INDEXES, type IndexName } from "../../packages/store/table.ts";
import { pathOf, readCondition, readUpdate } from "./expressions.ts";

type Conditional = {
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Row | undefined;
};

/** The one table in memory, for the store's client: single items, their conditions, and queries of one partition. */
export function memoryTable() {
  const rows = new Map<string, Row>();
  const idOf = ({ pk, sk }: Row) => `${pk} ${sk}`;
  const givenOf = ({ ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Conditional) => ({
    names,
    values,
  });

  function check(row: Row | undefined, asked: Conditional) {
    const { ConditionExpression: text } = asked;
    if (text === undefined || readCondition(text)(row, givenOf(asked))) return;
    throw new ConditionalCheckFailedException({ message: "The conditional request failed", $metadata: {} });
  }

  function put({ input }: PutCommand) {
    const item = input.Item as RowKey & Row;
    check(rows.get(idOf(item)), input);
    rows.set(idOf(item), item);
    return {};
  }

  function update({ input }: UpdateCommand) {
    const key = input.Key as RowKey;
    const before = rows.get(idOf(key));
    check(before, input);
    const given = givenOf(input);
    const after: Row = { ...(before ?? key) };
    const { set, remove } = readUpdate(input.UpdateExpression!);
    for (const { path, value } of set) {
      const [name = "", entry] = pathOf(path, given);
      const found = value(before, given);
      after[name] = entry === undefined ? found : { ...(before?.[name] as Row), [entry]: found };
    }
    for (const path of remove) delete after[pathOf(path, given)[0]!];
    rows.set(idOf(key), after);
    return { Attributes: after };
  }

  function query({ input }: QueryCommand) {
    const index = input.IndexName === undefined ? undefined : INDEXES[input.IndexName as IndexName];
    const sort = index?.sort ?? "sk";
    const order = (row: Row) => `${row[sort]} ${idOf(row)}`;
    const holds = readCondition(input.KeyConditionExpression!);
    const found = [...rows.values()].filter((row) => row[sort] !== undefined && holds(row, givenOf(input)));
    const sorted = found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
    if (input.ScanIndexForward === false) sorted.reverse();
    const start = input.ExclusiveStartKey && order(input.ExclusiveStartKey);
    const isBehind = (row: Row) => (input.ScanIndexForward === false ? order(row) < start! : order(row) > start!);
    const page = (start === undefined ? sorted : sorted.filter(isBehind)).slice(0, input.Limit);
    const keyOf = (row: Row) => ({ pk: row.pk, sk: row.sk, [sort]: row[sort] });
    return {
      // The indexes hold keys only.
      Items: index ? page.map(keyOf) : page,
      ...(input.Limit !== undefined && page.length === input.Limit && { LastEvaluatedKey: keyOf(page.at(-1)!) }),
    };
  }

  function answer(command: unknown) {
    if (command instanceof GetCommand) return { Item: rows.get(idOf(command.input.Key as Row)) };
    if (command instanceof PutCommand) return put(command);
    if (command instanceof UpdateCommand) return update(command);
    if (command instanceof QueryCommand) return query(command);
    if (command instanceof BatchGetCommand) {
      const [[table, { Keys = [] } = {}] = ["", {}]] = Object.entries(command.input.RequestItems ?? {});
      return { Responses: { [table]: Keys.map((key) => rows.get(idOf(key))).filter((row) => row !== undefined) } };
    }
    throw new Error(`The table in memory does not know ${(command as object).constructor.name}.`);
  }

  return { answer };
}

/** A client of the SDK's kind, as its paginators ask for one. */
export const clientOf = (send: (command: unknown) => Promise<unknown>): DynamoDBDocumentClient =>
  Object.assign(Object.create(DynamoDBDocumentClient.prototype), { send, destroy: () => {} });

/** A table of one's own: each answer comes in a later turn, as that of a service does. */
export function memoryDocuments(): DynamoDBDocumentClient {
  const table = memoryTable();
  return clientOf(async (command) => {
    await nextTurn();
    return table.answer(command);
  });
}
