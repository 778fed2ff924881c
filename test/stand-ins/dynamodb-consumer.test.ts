import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, it } from "vitest";
import { createCheckpoint } from "../../packages/stand-ins/dynamodb/checkpoint.ts";
import { type EventSourceOptions, startEventSource } from "../../packages/stand-ins/dynamodb/event-source.ts";
import type { StreamRecord } from "../../packages/stand-ins/dynamodb/stream-record.ts";
import { startIn, TABLE, temporaryFolder } from "./dynamodb-folder.ts";

const nameOf = (record: StreamRecord) => String(record.dynamodb.Keys.pk?.S);
const namesOf = (event: { Records: StreamRecord[] }) => event.Records.map(nameOf);
const numberOf = (event: { Records: StreamRecord[] }, name: string) =>
  event.Records.find((record) => nameOf(record) === name)?.dynamodb.SequenceNumber;

describe("a function fed from the stream", () => {
  async function world() {
    const folder = await temporaryFolder();
    const dynamo = await startIn(folder.path);
    const checkpoint = createCheckpoint(join(folder.path, "consumer.checkpoint"));
    const logged: string[] = [];
    return {
      put: (pk: string) => dynamo.documents.send(new PutCommand({ TableName: TABLE, Item: { pk, sk: "x" } })),
      logged,
      checkpoint,
      file: join(folder.path, "consumer.checkpoint"),
      feed: (invoke: EventSourceOptions["invoke"], options: Partial<EventSourceOptions> = {}) =>
        startEventSource({
          stream: dynamo.stream,
          checkpoint,
          invoke,
          retryMs: 1,
          log: (line) => logged.push(line),
          ...options,
        }),
      async [Symbol.asyncDispose]() {
        await dynamo[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  }

  it("gets what was there and what comes, in order, in batches, and goes on where it stopped", async () => {
    await using it = await world();
    for (const name of ["a", "b", "c"]) await it.put(name);
    const seen: string[][] = [];
    const first = it.feed(async (event) => seen.push(namesOf(event)), { batchSize: 2 });
    await expect.poll(() => seen.flat().length).toBe(3);
    await it.put("d");
    await expect.poll(() => seen.flat().length).toBe(4);
    await first.stop();
    expect(seen).toEqual([["a", "b"], ["c"], ["d"]]);
    await it.put("e");
    const second = it.feed(async (event) => seen.push(namesOf(event)));
    await expect.poll(() => seen.length).toBe(4);
    await second.stop();
    expect(seen.at(-1)).toEqual(["e"]);
  });

  it("gets again what it did not finish before it was stopped: at least once", async () => {
    await using it = await world();
    await it.put("a");
    const { promise: never } = Promise.withResolvers<void>();
    let calls = 0;
    it.feed(() => {
      calls++;
      return never;
    });
    await expect.poll(() => calls).toBe(1);
    const seen: string[] = [];
    const second = it.feed(async (event) => seen.push(...namesOf(event)));
    await expect.poll(() => seen.length).toBe(1);
    await second.stop();
    expect(seen).toEqual(["a"]);
  });

  it("is asked again from the lowest record that it reports as failed", async () => {
    await using it = await world();
    for (const name of ["a", "b", "c", "d"]) await it.put(name);
    const seen: string[][] = [];
    let failures = 2;
    const source = it.feed(async (event) => {
      seen.push(namesOf(event));
      const failed = ["c", "b"].map((name) => numberOf(event, name)).filter(Boolean);
      if (failures-- > 0) return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    });
    await expect.poll(() => seen.flat().at(-1) === "d" && failures < 0).toBe(true);
    await source.stop();
    expect(seen).toEqual([["a", "b", "c", "d"], ["b", "c", "d"], ["b"], ["c", "d"]]);
  });

  it("gives up one record that always fails, says so, and serves the others", async () => {
    await using it = await world();
    for (const name of ["a", "bad", "c"]) await it.put(name);
    const done: string[] = [];
    const source = it.feed(
      async (event) => {
        if (namesOf(event).includes("bad")) throw new Error("cannot do that one");
        done.push(...namesOf(event));
      },
      { maxTries: 3 },
    );
    await expect.poll(() => done).toContain("c");
    await source.stop();
    expect(done).toEqual(["a", "c"]);
    expect(it.logged).toEqual([
      expect.stringMatching(/gave up on record 0{20}2 after 3 tries: Error: cannot do that one/),
    ]);
  });

  it("passes over what its filter leaves out", async () => {
    await using it = await world();
    const seen: string[] = [];
    const source = it.feed(async (event) => seen.push(...namesOf(event)), {
      filter: (record) => nameOf(record).startsWith("JOB"),
    });
    for (const name of ["TEAM#1", "JOB#1", "TEAM#2"]) await it.put(name);
    await expect.poll(() => seen.length).toBe(1);
    await expect.poll(() => it.checkpoint.read()).toBe("000000000000000000003");
    await source.stop();
    expect(seen).toEqual(["JOB#1"]);
  });

  it("a checkpoint that fits no record ends the feeding loudly", async () => {
    await using it = await world();
    await writeFile(it.file, "000000000000000000042\n");
    await expect(it.feed(async () => {}).ended).rejects.toThrow("Delete it to read from the beginning");
  });
});
