import { EventEmitter, once } from "node:events";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../jobs/errors.ts";
import { syncFolder } from "../aws/durable.ts";
import { createItems } from "./items.ts";
import { encodeLine, readSnapshot, replay, trim, writeSnapshot } from "./journal-file.ts";
import { type ItemChange, recordOf, type StreamRecord } from "./stream-record.ts";

/** Trimmed by number, not after 24 hours as on AWS: a laptop may sleep for a week. */
const KEEP_RECORDS = 10_000;
/**
 * A start reads the snapshot and the stream: the stream is trimmed once it has grown by so much, or by the snapshot.
 */
const LEAST_GROWTH_BYTES = 8 * 1024 * 1024;

/** For a first guess, before any has been measured. */
const MEAN_RECORD_BYTES = 1_500;

const sizeOf = (file: string) =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

export type Stream = {
  /** Records after a sequence number, oldest first; "" stands for the beginning. */
  read(after: string, limit: number): Promise<StreamRecord[]>;
  /** Until there is a record after `after`. Rejects when the signal aborts. */
  wait(after: string, signal?: AbortSignal): Promise<void>;
  /** Records after it stay until this reader says more. */
  keep(reader: object, after: string): void;
};

type Options = {
  folder: string;
  region: string;
  now: () => Date;
  keepRecords?: number;
  growthBytes?: number;
};

/**
 * The stream on disk is the table: a line for each change with the whole new image, and the items are what replaying it
 * gives. So a change and its stream record are one append, and a kill cannot leave the one without the other.
 */
export async function openTableJournal(options: Options) {
  const { folder, region, now, keepRecords = KEEP_RECORDS, growthBytes = LEAST_GROWTH_BYTES } = options;
  const files = { stream: join(folder, "stream.log"), snapshot: join(folder, "items.log") };
  const items = createItems();
  const index = await replay(files.stream, items, await readSnapshot(files.snapshot, items));
  let handle = await open(files.stream, "a+");
  await handle.truncate(index.bytes);
  await syncFolder(folder);

  let { first, offsets } = index;
  let end = index.bytes;
  const readers = new Map<object, string>();
  let snapshot: "none" | "under way" | "written" = "none";
  let snapshotUpTo = 0;
  let preparing: Promise<void> | undefined;
  let trimAt = Math.max(growthBytes, await sizeOf(files.snapshot)) + keepRecords * MEAN_RECORD_BYTES;
  let broken: unknown;
  const appended = new EventEmitter().setMaxListeners(0);
  const last = () => first + offsets.length - 1;

  /** How many of the records in the file stand at or before `after`. */
  function passed(after: string) {
    const sequence = after === "" ? first - 1 : Number(after);
    if (sequence >= first - 1 && sequence <= last()) return sequence - first + 1;
    throw new UserError(
      `The stream in ${folder} holds records ${first} to ${last()} and cannot go on after ${after}: the checkpoint ` +
        "belongs to another table or is too old. Delete it to read from the beginning.",
    );
  }

  const stream: Stream = {
    async read(after, limit) {
      const from = passed(after);
      const until = Math.min(from + limit, offsets.length);
      if (until <= from) return [];
      const start = offsets[from]!;
      const bytes = Buffer.alloc((offsets[until] ?? end) - start);
      // A trim closes this handle once the read is over.
      await handle.read(bytes, 0, bytes.length, start);
      const lines = bytes.toString().split("\n").slice(0, -1);
      return lines.map((line) => JSON.parse(line.slice(line.indexOf(" "))));
    },
    keep: (reader, after) => void readers.set(reader, after),
    async wait(after, signal) {
      signal?.throwIfAborted();
      while (passed(after) === offsets.length) await once(appended, "record", signal ? { signal } : {});
    },
  };

  /** Beside what others do; the stream is trimmed at the next write. */
  async function prepareTrim() {
    snapshot = "under way";
    snapshotUpTo = last();
    try {
      await writeSnapshot(files.snapshot, items, snapshotUpTo);
      snapshot = "written";
    } catch {
      // A full disk: everything is in the stream still.
      snapshot = "none";
      trimAt = end + growthBytes;
    }
  }

  /** How many records stay: those that the snapshot or a reader has not passed, and always the newest. */
  const wanted = () =>
    Math.max(
      keepRecords,
      last() - snapshotUpTo,
      ...[...readers.values()].map((after) => offsets.length - Math.max(0, passed(after))),
    );

  async function trimStream() {
    snapshot = "none";
    try {
      const trimmed = await trim(files.stream, { first, offsets, bytes: end }, wanted());
      const before = handle;
      handle = await open(files.stream, "a+");
      ({ first, offsets } = trimmed);
      end = trimmed.bytes;
      await before.close();
    } catch {
      // As it was.
    }
    trimAt = end + Math.max(growthBytes, await sizeOf(files.snapshot));
  }

  return {
    items,
    stream,

    /** One write for all changes of a request; when it fails nothing of it stays. One call at a time. */
    async append(changes: ItemChange[]): Promise<void> {
      if (broken !== undefined) throw new Error("The journal could not be repaired after an error.", { cause: broken });
      if (snapshot === "written") await trimStream();
      const lines = changes.map((change, i) => encodeLine(recordOf(change, last() + 1 + i, { region, at: now() })));
      try {
        await handle.appendFile(Buffer.concat(lines));
        await handle.datasync();
      } catch (cause) {
        await handle.truncate(end).catch(() => {
          broken = cause;
        });
        throw cause;
      }
      for (const line of lines) {
        offsets.push(end);
        end += line.length;
      }
      for (const { table, key, after } of changes) items.set(table, key, after);
      appended.emit("record");
      if (end > trimAt && snapshot === "none") preparing = prepareTrim();
    },

    async close(): Promise<void> {
      await preparing;
      await handle.close();
    },
  };
}
export type TableJournal = Awaited<ReturnType<typeof openTableJournal>>;
