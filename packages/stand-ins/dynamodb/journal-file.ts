import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { UserError } from "../../jobs/errors.ts";
import { replaceFile } from "../aws/durable.ts";
import type { Item } from "./item.ts";
import type { Items } from "./items.ts";
import { completeLines } from "./lines.ts";
import { type StreamRecord, tableOf } from "./stream-record.ts";

/** Where each record of the stream file begins. `first` is the sequence number of the first one. */
export type JournalIndex = { first: number; offsets: number[]; bytes: number };

/** Each line carries its checksum: `1a2b3c4d {...}`. */
const CHECKSUM_CHARS = 8;

export const encodeLine = (value: unknown) => {
  const json = JSON.stringify(value);
  return Buffer.from(`${crc32(json).toString(16).padStart(CHECKSUM_CHARS, "0")} ${json}\n`);
};

const damaged = (file: string, line: number) =>
  new UserError(
    `${file} is damaged in line ${line}. Restore it from a backup, or move its folder away to start empty.`,
  );

async function* valuesOf<T>(file: string): AsyncGenerator<{ value: T; offset: number; end: number; number: number }> {
  let number = 0;
  for await (const { line, offset } of completeLines(file)) {
    number++;
    const json = line.subarray(CHECKSUM_CHARS + 1);
    if (Number.parseInt(line.toString("latin1", 0, CHECKSUM_CHARS), 16) !== crc32(json)) throw damaged(file, number);
    yield { value: JSON.parse(json.toString()), offset, end: offset + line.length + 1, number };
  }
}

/** Fills `items` with the snapshot; answers the sequence number up to which it speaks, 0 where there is none. */
export async function readSnapshot(file: string, items: Items): Promise<number> {
  if (!existsSync(file)) return 0;
  let sequence: number | undefined;
  for await (const { value } of valuesOf<{ sequence: number } & { table: string; key: Item; image: Item }>(file))
    if (sequence === undefined) sequence = value.sequence;
    else items.set(value.table, value.key, value.image);
  if (sequence === undefined) throw damaged(file, 1);
  return sequence;
}

/** Replays what came after the snapshot. A last line cut short was never acknowledged: it is left out of `bytes`. */
export async function replay(file: string, items: Items, snapshot: number): Promise<JournalIndex> {
  const index: JournalIndex = { first: snapshot + 1, offsets: [], bytes: 0 };
  if (!existsSync(file)) return index;
  for await (const { value, offset, end, number } of valuesOf<StreamRecord>(file)) {
    const { Keys, NewImage, SequenceNumber } = value.dynamodb;
    const sequence = Number(SequenceNumber);
    if (index.offsets.length === 0) index.first = sequence;
    if (sequence !== index.first + index.offsets.length || index.first > snapshot + 1) throw damaged(file, number);
    if (sequence > snapshot) items.set(tableOf(value), Keys, NewImage);
    index.offsets.push(offset);
    index.bytes = end;
  }
  return index;
}

/**
 * The items as they are up to a sequence number at least, while others go on writing: what an item has become meanwhile
 * stands in the stream too, and replaying it once more gives the same.
 */
export async function writeSnapshot(file: string, items: Items, sequence: number): Promise<void> {
  await replaceFile(file, inChunks([{ sequence }], items.all()));
}

const CHUNK_BYTES = 256 * 1024;

function* inChunks(...values: Iterable<object>[]): Generator<Buffer> {
  let chunk: Buffer[] = [];
  let bytes = 0;
  for (const some of values)
    for (const value of some) {
      const line = encodeLine(value);
      chunk.push(line);
      bytes += line.length;
      if (bytes < CHUNK_BYTES) continue;
      yield Buffer.concat(chunk);
      [chunk, bytes] = [[], 0];
    }
  yield Buffer.concat(chunk);
}

/** Only the last `keep` records into the stream file. The snapshot must speak of those that go. */
export async function trim(file: string, { first, offsets, bytes }: JournalIndex, keep: number): Promise<JournalIndex> {
  const kept = keep === 0 ? [] : offsets.slice(-keep);
  const from = kept[0] ?? bytes;
  const tail = Buffer.alloc(bytes - from);
  const handle = await open(file, "r");
  try {
    await handle.read(tail, 0, tail.length, from);
  } finally {
    await handle.close();
  }
  await replaceFile(file, [tail]);
  return { first: first + offsets.length - kept.length, offsets: kept.map((o) => o - from), bytes: tail.length };
}
