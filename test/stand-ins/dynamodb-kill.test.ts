import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ScanCommand as RawScanCommand } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, PutCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, it } from "vitest";
import { allRecords, connect, startIn, startProcess, TABLE, temporaryFolder } from "./dynamodb-folder.ts";

const WRITERS = 8;

/** Inserts and counts up until the server dies; returns what was acknowledged. */
async function write(documents: DynamoDBDocumentClient, name: string, acknowledged: Map<string, number>) {
  for (let i = 0; ; i++) {
    const key = { pk: name, sk: `${i}` };
    const counter = { pk: name, sk: "counter" };
    try {
      await documents.send(
        new PutCommand({ TableName: TABLE, Item: { ...key, open: "open", openSince: `${name}-${i}`, n: 1 } }),
      );
      acknowledged.set(`${key.pk} ${key.sk}`, 1);
      const { Attributes } = await documents.send(
        new UpdateCommand({
          TableName: TABLE,
          Key: counter,
          UpdateExpression: "ADD n :one",
          ExpressionAttributeValues: { ":one": 1 },
          ReturnValues: "ALL_NEW",
        }),
      );
      acknowledged.set(`${counter.pk} ${counter.sk}`, Attributes?.n);
    } catch {
      return;
    }
  }
}

async function scan(documents: DynamoDBDocumentClient, IndexName?: string) {
  const { Items = [], LastEvaluatedKey } = await documents.send(new ScanCommand({ TableName: TABLE, IndexName }));
  expect(LastEvaluatedKey).toBeUndefined();
  return Items;
}

it("killed three times under eight writers it has every acknowledged write, its index entry and its stream record", async () => {
  await using folder = await temporaryFolder();
  const acknowledged = new Map<string, number>();
  for (let life = 0; life < 3; life++) {
    const server = await startProcess(folder.path);
    const documents = connect(server.url, { maxAttempts: 1 });
    const writers = Array.from({ length: WRITERS }, (_, i) => write(documents, `${life}-${i}`, acknowledged));
    const enough = acknowledged.size + 30 + Math.random() * 30;
    while (acknowledged.size < enough) await sleep(1);
    await server.kill();
    await Promise.all(writers);
    documents.destroy();
  }

  await using dynamo = await startIn(folder.path);
  const items = await scan(dynamo.documents);
  const stored = new Map(items.map((item) => [`${item.pk} ${item.sk}`, item.n]));
  expect(acknowledged.size).toBeGreaterThan(80);
  const lost = [...acknowledged].filter(([id, n]) => !(stored.get(id) >= n));
  expect(lost).toEqual([]);

  const replayed = new Map(
    (await allRecords(dynamo.stream)).map(({ Keys, NewImage }) => [`${Keys.pk?.S} ${Keys.sk?.S}`, NewImage]),
  );
  const { Items: images = [] } = await dynamo.documents.send(new RawScanCommand({ TableName: TABLE }));
  expect(new Map(images.map((image) => [`${image.pk?.S} ${image.sk?.S}`, image]))).toEqual(replayed);
  const listed = await scan(dynamo.documents, "open");
  expect(listed.length).toBe(items.filter((item) => item.open).length);
});

it("the lock of a killed process is gone; that of a living one holds", async () => {
  await using folder = await temporaryFolder();
  const first = await startProcess(folder.path);
  await expect(startProcess(folder.path)).rejects.toThrow(/exit 3: UserError: .* is in use by process \d+/);
  await first.kill();
  const second = await startProcess(folder.path);
  await second.kill();
});

it("a full disk refuses the write and keeps what was there, whole", async () => {
  await using folder = await temporaryFolder();
  const server = await startProcess(folder.path, "-f 64");
  const documents = connect(server.url, { maxAttempts: 1 });
  const put = (sk: string, text: string) =>
    documents.send(new PutCommand({ TableName: TABLE, Item: { pk: "a", sk, text } }));
  await put("small", "x");
  await expect(put("large", "x".repeat(100_000))).rejects.toMatchObject({ name: "InternalServerError" });
  expect((await scan(documents)).map((item) => item.sk)).toEqual(["small"]);
  await put("small", "y");
  await server.kill();
  documents.destroy();
  await using dynamo = await startIn(folder.path);
  expect((await scan(dynamo.documents)).map((item) => item.text)).toEqual(["y"]);
  expect((await stat(join(folder.path, "stream.log"))).size).toBeLessThan(2_000);
});
