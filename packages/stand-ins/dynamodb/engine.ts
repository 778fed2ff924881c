import { createRequire } from "node:module";
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import db from "dynalite/db/index.js";
import validations from "dynalite/validations/index.js";
import type { Item } from "./item.ts";

export type EngineReply = { status: number; body: string };

type Validation = { types: object; custom?: unknown };
type Action = (store: DynaliteStore, data: object, callback: DynaliteCallback<object>) => void;
/** What dynalite answers as an error; anything else is a bug of it. */
type Refused = { statusCode?: number; body?: object };

const OPERATIONS = [
  "CreateTable",
  "DescribeTable",
  "ListTables",
  "GetItem",
  "BatchGetItem",
  "Query",
  "Scan",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
];
const require = createRequire(import.meta.url);
const parts = new Map(
  OPERATIONS.map((operation) => {
    const name = operation[0]!.toLowerCase() + operation.slice(1);
    const action: Action = require(`dynalite/actions/${name}.js`);
    const validation: Validation = require(`dynalite/validations/${name}.js`);
    return [operation, { action, validation }];
  }),
);

/** Items that are put into memory in one step. */
const FILL = 1_000;

const promised = <T>(start: (callback: DynaliteCallback<T>) => void) =>
  new Promise<T>((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));

/**
 * dynalite in memory: it understands expressions, conditions, indexes and paging, and keeps nothing over a restart. Its
 * parts are called without its server, which would answer every caller and cost more than the work itself.
 */
export async function startEngine(tables: CreateTableCommandInput[]) {
  const store = db.create({ createTableMs: 0 });

  /** Takes out of the input what it does not know: it is the caller's no more. */
  async function call(operation: string, input: object): Promise<EngineReply> {
    const part = parts.get(operation);
    if (!part) throw new Error(`${operation} is none of the engine's operations.`);
    try {
      const data = validations.checkTypes(input, part.validation.types);
      validations.checkValidations(data, part.validation.types, part.validation.custom, store);
      const answer = await promised<object>((callback) => part.action(store, data, callback));
      return { status: 200, body: JSON.stringify(answer) };
    } catch (error) {
      const { statusCode, body } = error as Refused;
      if (statusCode === undefined) throw error;
      return { status: statusCode, body: JSON.stringify(body) };
    }
  }

  const tableOf = (name: string) => promised<DynaliteTable>((callback) => store.getTable(name, callback));

  /** For what must succeed. */
  async function must<T>(operation: string, input: object): Promise<T> {
    const { status, body } = await call(operation, input);
    if (status !== 200) throw new Error(`${operation}: ${body}`);
    return JSON.parse(body);
  }

  for (const table of tables) {
    await must("CreateTable", structuredClone(table));
    const description = { TableName: table.TableName };
    while (
      (await must<{ Table: { TableStatus: string } }>("DescribeTable", description)).Table.TableStatus !== "ACTIVE"
    );
  }
  keepTables(store, await Promise.all(tables.map(({ TableName }) => tableOf(TableName!))));

  /** As PutItem of what is not there yet, for many at once. */
  async function put(name: string, items: Item[]) {
    const table = await tableOf(name);
    const rows = items.map((item) => ({ type: "put" as const, key: db.createKey(item, table), value: item }));
    await promised<void>((callback) => store.getItemDb(name).batch(rows, callback));
    const indexed = items.flatMap(
      (item) => db.getIndexActions(table.GlobalSecondaryIndexes ?? [], undefined, item, table).puts,
    );
    for (const [index, puts] of Map.groupBy(indexed, ({ index }) => index)) {
      const entries = puts.map(({ key, item }) => ({ type: "put" as const, key, value: item }));
      await promised<void>((callback) => store.getIndexDb("Global", name, index).batch(entries, callback));
    }
  }

  return {
    call,
    get: async (table: string, key: Item) =>
      (await must<{ Item?: Item }>("GetItem", { TableName: table, Key: { ...key }, ConsistentRead: true })).Item,
    /** Sets or, without an image, removes an item whatever it is now. */
    set: (table: string, key: Item, image: Item | undefined) =>
      image
        ? must("PutItem", { TableName: table, Item: structuredClone(image) })
        : must("DeleteItem", { TableName: table, Key: { ...key } }),
    /** Into an empty engine. */
    async fill(items: Iterable<{ table: string; image: Item }>) {
      for (const [table, stored] of Map.groupBy(items, ({ table }) => table)) {
        const images = stored.map(({ image }) => image);
        for (let i = 0; i < images.length; i += FILL) await put(table, images.slice(i, i + FILL));
      }
    },
  };
}

/** No table changes after the start: each request would read its definition out of JSON anew. */
function keepTables(store: DynaliteStore, tables: readonly DynaliteTable[]) {
  const byName = new Map(tables.map((table) => [table.TableName, table]));
  const read: DynaliteStore["getTable"] = store.getTable;
  store.getTable = (name: string, ...rest: unknown[]) => {
    const table = byName.get(name);
    const callback = rest.at(-1) as DynaliteCallback<DynaliteTable>;
    if (table) callback(undefined, table);
    else (read as (name: string, ...rest: unknown[]) => void)(name, ...rest);
  };
}

export type Engine = Awaited<ReturnType<typeof startEngine>>;
