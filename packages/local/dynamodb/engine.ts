import http from "node:http";
import { duplexPair } from "node:stream";
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import type { Item } from "./item.ts";

export type Reply = { status: number; body: string };

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const MAX_BATCH = 25;

/** dynalite wants to see a signature but does not check it; ours has been checked before. */
const SIGNED = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
  "x-amz-date": "20260101T000000Z",
};

/**
 * dynalite in memory: it understands expressions, conditions, indexes and paging, and keeps nothing over a restart. It
 * would answer anybody, so it listens nowhere: requests reach it by connections inside this process.
 */
export async function startEngine(tables: CreateTableCommandInput[]) {
  const server = dynalite({ createTableMs: 0 });
  const createConnection = () => {
    const [ours, its] = duplexPair();
    server.emit("connection", its);
    return ours;
  };

  const call = (operation: string, body: string) =>
    new Promise<Reply>((resolve, reject) => {
      const headers = {
        ...SIGNED,
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
      };
      const request = http.request({ host: "127.0.0.1", createConnection, method: "POST", headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks).toString() }),
        );
      });
      request.on("error", reject);
      request.end(body);
    });

  /** For what must succeed. */
  async function must<T>(operation: string, input: object): Promise<T> {
    const { status, body } = await call(operation, JSON.stringify(input));
    if (status !== 200) throw new Error(`${operation}: ${body}`);
    return JSON.parse(body);
  }

  for (const table of tables) {
    await must("CreateTable", table);
    const description = { TableName: table.TableName };
    while (
      (await must<{ Table: { TableStatus: string } }>("DescribeTable", description)).Table.TableStatus !== "ACTIVE"
    );
  }

  return {
    call,
    get: async (table: string, key: Item) =>
      (await must<{ Item?: Item }>("GetItem", { TableName: table, Key: key, ConsistentRead: true })).Item,
    /** Sets or, without an image, removes an item whatever it is now. */
    set: (table: string, key: Item, image: Item | undefined) =>
      image ? must("PutItem", { TableName: table, Item: image }) : must("DeleteItem", { TableName: table, Key: key }),
    async fill(items: Iterable<{ table: string; image: Item }>) {
      const puts = [...items].map(({ table, image }) => ({ table, PutRequest: { Item: image } }));
      for (let i = 0; i < puts.length; i += MAX_BATCH) {
        const batch = Map.groupBy(puts.slice(i, i + MAX_BATCH), ({ table }) => table);
        const requests = [...batch].map(([table, entries]) => [
          table,
          entries.map(({ PutRequest }) => ({ PutRequest })),
        ]);
        await must("BatchWriteItem", { RequestItems: Object.fromEntries(requests) });
      }
    },
    async stop() {
      server.closeAllConnections();
    },
  };
}
export type Engine = Awaited<ReturnType<typeof startEngine>>;
