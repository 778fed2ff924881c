import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, it } from "vitest";
import { openTableJournal } from "../../packages/stand-ins/dynamodb/journal.ts";
import { writeSnapshot } from "../../packages/stand-ins/dynamodb/journal-file.ts";
import { tableDefinition } from "../../packages/store/table.ts";
import { allRecords, CREDENTIALS, connect, startIn, TABLE, temporaryFolder } from "./dynamodb-folder.ts";

const put = (Item: Record<string, unknown>, rest = {}) => new PutCommand({ TableName: TABLE, Item, ...rest });
const get = (pk: string) => new GetCommand({ TableName: TABLE, Key: { pk, sk: "x" }, ConsistentRead: true });

const LETTER_G = "g".charCodeAt(0);

describe("the stream of the DynamoDB stand-in", () => {
  it("has a record for each change, as Lambda gets it, in the order of the writes", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    await dynamo.documents.send(put({ pk: "a", sk: "x", count: 1, text: "line\u2028separator" }));
    await dynamo.documents.send(
      new UpdateCommand({
        TableName: TABLE,
        Key: { pk: "a", sk: "x" },
        UpdateExpression: "SET #count = #count + :one",
        ExpressionAttributeNames: { "#count": "count" },
        ExpressionAttributeValues: { ":one": 1 },
      }),
    );
    await dynamo.documents.send(new DeleteCommand({ TableName: TABLE, Key: { pk: "a", sk: "x" } }));
    const [insert, modify, remove] = await dynamo.stream.read("", 10);
    expect(insert).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: "INSERT",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "us-east-1",
      eventSourceARN: expect.stringMatching(/^arn:aws:dynamodb:us-east-1:\d{12}:table\/cody\/stream\//),
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { pk: { S: "a" }, sk: { S: "x" } },
        NewImage: { pk: { S: "a" }, sk: { S: "x" }, count: { N: "1" }, text: { S: "line\u2028separator" } },
        SequenceNumber: expect.stringMatching(/^\d{21}$/),
        SizeBytes: expect.any(Number),
        StreamViewType: "NEW_IMAGE",
      },
    });
    expect(modify).toMatchObject({ eventName: "MODIFY", dynamodb: { NewImage: { count: { N: "2" } } } });
    expect(remove).toMatchObject({ eventName: "REMOVE", dynamodb: { Keys: { pk: { S: "a" } } } });
    expect(remove?.dynamodb.NewImage).toBeUndefined();
    const numbers = [insert, modify, remove].map((record) => record?.dynamodb.SequenceNumber ?? "");
    expect(numbers.toSorted()).toEqual(numbers);
  });

  it("says nothing about a write that changed nothing or was refused", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    await dynamo.documents.send(put({ pk: "a", sk: "x", n: 1 }));
    await dynamo.documents.send(put({ n: 1, sk: "x", pk: "a" }));
    await dynamo.documents.send(new DeleteCommand({ TableName: TABLE, Key: { pk: "none", sk: "x" } }));
    const refused = dynamo.documents.send(
      put({ pk: "a", sk: "x" }, { ConditionExpression: "attribute_not_exists(pk)" }),
    );
    await expect(refused).rejects.toThrow("The conditional request failed");
    // Half of a character is no JSON that DynamoDB reads.
    const plain = new DynamoDBClient({ endpoint: dynamo.url, region: "us-east-1", credentials: CREDENTIALS });
    const half = new PutItemCommand({ TableName: TABLE, Item: { pk: { S: "half" }, sk: { S: "\ud83d" } } });
    await expect(plain.send(half)).rejects.toMatchObject({ name: "SerializationException" });
    expect(await allRecords(dynamo.stream)).toHaveLength(1);
    expect(dynamo.logged).toEqual([expect.stringMatching(/SerializationException/)]);
  });

  it("is read in pieces and waited for; waiting ends with its signal", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    for (const pk of ["a", "b", "c"]) await dynamo.documents.send(put({ pk, sk: "x" }));
    const first = await dynamo.stream.read("", 2);
    const last = await dynamo.stream.read(first[1]!.dynamodb.SequenceNumber, 2);
    expect([...first, ...last].map((record) => record.dynamodb.Keys.pk?.S)).toEqual(["a", "b", "c"]);
    const after = last[0]!.dynamodb.SequenceNumber;
    expect(await dynamo.stream.read(after, 2)).toEqual([]);
    await dynamo.stream.wait(first[0]!.dynamodb.SequenceNumber);
    const woken = dynamo.stream.wait(after);
    await dynamo.documents.send(put({ pk: "d", sk: "x" }));
    await woken;
    await expect(
      dynamo.stream.wait((await dynamo.stream.read(after, 1))[0]!.dynamodb.SequenceNumber, AbortSignal.timeout(20)),
    ).rejects.toThrow();
  });

  it("a checkpoint of another table is refused, not followed into silence", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    await expect(dynamo.stream.read("000000000000000000999", 1)).rejects.toThrow("belongs to another table");
    await expect(dynamo.stream.read("nonsense", 1)).rejects.toThrow("belongs to another table");
  });
});

describe("the stand-in's disk", () => {
  it("a restart keeps items, indexes and the stream", async () => {
    await using folder = await temporaryFolder();
    const first = await startIn(folder.path);
    for (let i = 0; i < 60; i++)
      await first.documents.send(put({ pk: `p${i}`, sk: "x", open: "open", openSince: `${i}` }));
    await first.documents.send(new DeleteCommand({ TableName: TABLE, Key: { pk: "p0", sk: "x" } }));
    const records = await first.stream.read("", 100);
    await first.stop();
    await using second = await startIn(folder.path);
    expect(await second.stream.read("", 100)).toEqual(records);
    const { Count } = await second.documents.send(
      new QueryCommand({
        TableName: TABLE,
        IndexName: "open",
        KeyConditionExpression: "#open = :open",
        ExpressionAttributeNames: { "#open": "open" },
        ExpressionAttributeValues: { ":open": "open" },
      }),
    );
    expect(Count).toBe(59);
    await second.documents.send(put({ pk: "new", sk: "x" }));
    expect((await second.stream.read(records.at(-1)!.dynamodb.SequenceNumber, 10))[0]?.dynamodb.Keys.pk).toEqual({
      S: "new",
    });
  });

  it("a line cut short by a kill was never acknowledged and is cut off", async () => {
    await using folder = await temporaryFolder();
    const first = await startIn(folder.path);
    await first.documents.send(put({ pk: "a", sk: "x" }));
    await first.stop();
    await appendFile(join(folder.path, "stream.log"), '0a0b0c0d {"eventID":"half');
    const second = await startIn(folder.path);
    await second.documents.send(put({ pk: "b", sk: "x" }));
    await second.stop();
    await using third = await startIn(folder.path);
    expect((await allRecords(third.stream)).map((record) => record.Keys.pk?.S)).toEqual(["a", "b"]);
  });

  it.each([
    ["a changed byte", (text: string) => text.replace("first", "FIRST")],
    ["a missing line", (text: string) => text.split("\n").toSpliced(1, 1).join("\n")],
  ])("%s in what was acknowledged stops the start, and says where", async (_, damage) => {
    await using folder = await temporaryFolder();
    const first = await startIn(folder.path);
    for (const pk of ["first", "second", "third"]) await first.documents.send(put({ pk, sk: "x" }));
    await first.stop();
    const file = join(folder.path, "stream.log");
    await writeFile(file, damage(await readFile(file, "utf8")));
    await expect(startIn(folder.path)).rejects.toThrow(/stream\.log is damaged in line [12]\. Restore it/);
    await truncate(file);
    await (await startIn(folder.path)).stop();
  });

  it("a second one on the same folder is told who holds it; after the end the folder is free", async () => {
    await using folder = await temporaryFolder();
    const first = await startIn(folder.path);
    await expect(startIn(folder.path)).rejects.toThrow(`is in use by process ${process.pid}. Stop that one first`);
    await first.stop();
    await (await startIn(folder.path)).stop();
  });

  it("a taken port is one clear sentence, and the folder is free again", async () => {
    await using folder = await temporaryFolder();
    await using other = await temporaryFolder();
    await using first = await startIn(folder.path);
    const port = Number(new URL(first.url).port);
    await expect(startIn(other.path, { port })).rejects.toThrow(`Port ${port} is taken.`);
    await (await startIn(other.path)).stop();
  });

  describe("the stream is trimmed while it is written", () => {
    const journalIn = (folder: string, growthBytes = 100) =>
      openTableJournal({ folder, region: "us-east-1", now: () => new Date(), keepRecords: 5, growthBytes });
    const change = (i: number) => {
      const key = { pk: { S: `p${i % 7}` }, sk: { S: "x" } };
      return { table: TABLE, key, before: undefined, after: { ...key, n: { N: `${i}` } } };
    };
    const numbers = (records: { dynamodb: { NewImage?: Record<string, { N?: unknown }> } }[]) =>
      records.map(({ dynamodb }) => Number(dynamodb.NewImage?.n?.N));
    type Opened = Awaited<ReturnType<typeof journalIn>>;
    const write = async (journal: Opened, from: number, to: number) => {
      for (let i = from; i < to; i++) {
        await journal.append([change(i)]);
        // The snapshot is written beside.
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };

    it("the newest records stay, the items are all there, and a start finds both", async () => {
      await using folder = await temporaryFolder();
      const first = await journalIn(folder.path);
      await write(first, 0, 200);
      const kept = numbers(await first.stream.read("", 1_000));
      expect(kept.length).toBeLessThan(100);
      expect(kept.slice(-5)).toEqual([195, 196, 197, 198, 199]);
      await expect(first.stream.read("000000000000000000003", 1)).rejects.toThrow("too old");
      await first.close();
      const second = await journalIn(folder.path);
      expect(numbers(await second.stream.read("", 1_000))).toEqual(kept);
      const items = () => [...second.items.all()].map(({ image }) => Number(image.n?.N)).toSorted((a, b) => a - b);
      expect(items()).toEqual([193, 194, 195, 196, 197, 198, 199]);
      await write(second, 200, 201);
      expect(items()).toEqual([194, 195, 196, 197, 198, 199, 200]);
      await second.close();
    });

    it("what a reader has not passed stays, until it has", async () => {
      await using folder = await temporaryFolder();
      const journal = await journalIn(folder.path);
      const slow = {};
      const passed = (n: number) => String(n).padStart(21, "0");
      journal.stream.keep(slow, passed(10));
      journal.stream.keep({}, passed(0));
      await write(journal, 0, 80);
      expect(numbers(await journal.stream.read(passed(10), 1_000))).toEqual(
        Array.from({ length: 70 }, (_, i) => i + 10),
      );
      await journal.close();
      const again = await journalIn(folder.path);
      again.stream.keep(slow, passed(80));
      await write(again, 80, 160);
      await expect(again.stream.read(passed(10), 1)).rejects.toThrow("too old");
      await again.close();
    });

    it("killed between the snapshot and the trim, or in the middle of either, a start finds everything", async () => {
      await using folder = await temporaryFolder();
      const journal = await journalIn(folder.path, 1e9);
      for (let i = 0; i < 40; i++) await journal.append([change(i)]);
      await writeSnapshot(join(folder.path, "items.log"), journal.items, 30);
      for (let i = 40; i < 45; i++) await journal.append([change(i)]);
      await writeFile(join(folder.path, "stream.log.next"), "half a li");
      const again = await journalIn(folder.path);
      expect([...again.items.all()].map(({ image }) => Number(image.n?.N)).toSorted((a, b) => a - b)).toEqual([
        38, 39, 40, 41, 42, 43, 44,
      ]);
      expect(numbers(await again.stream.read("", 1_000)).slice(-5)).toEqual([40, 41, 42, 43, 44]);
      await journal.close();
      await again.close();
    });
  });
});

describe("what the stand-in refuses, as DynamoDB does", () => {
  it.each([
    ["another secret", { credentials: { ...CREDENTIALS, secretAccessKey: "wrong" } }, "InvalidSignatureException"],
    ["an unknown key", { credentials: { ...CREDENTIALS, accessKeyId: "AKIA" } }, "UnrecognizedClientException"],
    ["another region", { region: "eu-west-1" }, "InvalidSignatureException"],
  ])("%s", async (_, config, name) => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    const stranger = connect(dynamo.url, config);
    await expect(stranger.send(get("a"))).rejects.toMatchObject({ name });
    expect(dynamo.logged.join()).toContain(name);
    stranger.destroy();
  });

  it("an unsigned request, a tampered body, tables of its own, other operations", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    const target = { "x-amz-target": "DynamoDB_20120810.GetItem" };
    const anonymous = await fetch(dynamo.url, { method: "POST", headers: target, body: "{}" });
    expect(await anonymous.json()).toMatchObject({ __type: expect.stringContaining("MissingAuthenticationToken") });
    const client = new DynamoDBClient({ endpoint: dynamo.url, region: "us-east-1", credentials: CREDENTIALS });
    client.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: Uint8Array };
        request.body = Uint8Array.from(request.body, (byte) => (byte === LETTER_G ? byte + 1 : byte));
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    await expect(client.send(put({ pk: "good", sk: "x" }))).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
    client.destroy();
    await expect(dynamo.documents.send(new CreateTableCommand(tableDefinition("other")))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    expect(await allRecords(dynamo.stream)).toEqual([]);
    expect(dynamo.logged.at(-1)).toContain("dynamodb:CreateTable");
  });

  it("an item over 400 KB in UTF-8, put or grown, and nothing of it stays", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    const tooLarge = "ä".repeat(205_000);
    await expect(dynamo.documents.send(put({ pk: "a", sk: "x", tooLarge }))).rejects.toThrow("Item size");
    expect((await dynamo.documents.send(get("a"))).Item).toBeUndefined();
    await dynamo.documents.send(put({ pk: "b", sk: "x", n: 1 }));
    const grow = new UpdateCommand({
      TableName: TABLE,
      Key: { pk: "b", sk: "x" },
      UpdateExpression: "SET tooLarge = :value",
      ExpressionAttributeValues: { ":value": tooLarge },
    });
    await expect(dynamo.documents.send(grow)).rejects.toThrow("Item size");
    expect((await dynamo.documents.send(get("b"))).Item).toEqual({ pk: "b", sk: "x", n: 1 });
    expect(await allRecords(dynamo.stream)).toHaveLength(1);
  });

  it("an empty key of an index, a reserved word, a path into nothing", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    await expect(dynamo.documents.send(put({ pk: "a", sk: "x", open: "", openSince: "1" }))).rejects.toThrow(
      "IndexName: open",
    );
    await dynamo.documents.send(put({ pk: "a", sk: "x" }));
    const update = (UpdateExpression: string) =>
      dynamo.documents.send(
        new UpdateCommand({
          TableName: TABLE,
          Key: { pk: "a", sk: "x" },
          UpdateExpression,
          ExpressionAttributeValues: { ":v": 1 },
        }),
      );
    await expect(update("SET state = :v")).rejects.toThrow("reserved keyword");
    await expect(update("SET m.n = :v")).rejects.toThrow("document path");
    expect(dynamo.logged).toHaveLength(3);
  });

  it("a failed condition shows the item when asked to", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    await dynamo.documents.send(put({ pk: "a", sk: "x", n: 1 }));
    const options = { ConditionExpression: "attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
    await expect(dynamo.documents.send(put({ pk: "a", sk: "x" }, options))).rejects.toMatchObject({
      Item: { n: { N: "1" } },
    });
    const { Count } = await dynamo.documents.send(new ScanCommand({ TableName: TABLE }));
    expect(Count).toBe(1);
  });
});
