import { EventEmitter, once } from "node:events";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../jobs/user-error.ts";
import { syncFolder } from "../aws/durable.ts";
import { createItems } from "./items.ts";
import { compact, encodeLine, readSnapshot, replay } from "./journal-file.ts";
import { type Change, recordOf, type StreamRecord } from "./stream-record.ts";

/** Trimmed by number and at start only, not after 24 hours as on AWS: a laptop may sleep for a week. */
const KEEP_RECORDS = 10_000;

export type Stream = {
  /** Records after a sequence number, oldest first; "" stands for the beginning. */
  read(after: string, limit: number): Promise<StreamRecord[]>;
  /** Until there is a record after `after`. Rejects when the signal aborts. */
  wait(after: string, signal?: AbortSignal): Promise<void>;
};

type Options = { folder: string; region: string; now: () => Date; keepRecords?: number };

/**
 * The stream on disk is the table: a line for each change with the whole new image, and the items are what replaying it
 * gives. So a change and its stream record are one append, and a kill cannot leave the one without the other.
 */
export async function openJournal({ folder, region, now, keepRecords = KEEP_RECORDS }: Options) {
  const files = { stream: join(folder, "stream.log"), snapshot: join(folder, "items.log") };
  const items = createItems();
  let index = await replay(files.stream, items, await readSnapshot(files.snapshot, items));
  if (index.offsets.length > 2 * keepRecords) index = await compact(files, items, index, keepRecords);
  const handle = await open(files.stream, "a+");
  await handle.truncate(index.bytes);
  await syncFolder(folder);

  const { first, offsets } = index;
  let end = index.bytes;
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
      await handle.read(bytes, 0, bytes.length, start);
      const lines = bytes.toString().split("\n").slice(0, -1);
      return lines.map((line) => JSON.parse(line.slice(line.indexOf(" "))));
    },
    async wait(after, signal) {
      signal?.throwIfAborted();
      while (passed(after) === offsets.length) await once(appended, "record", signal ? { signal } : {});
    },
  };

  return {
    items,
    stream,

    /** One write for all changes of a request; when it fails nothing of it stays. One call at a time. */
    async append(changes: Change[]): Promise<void> {
      if (broken !== undefined) throw new Error("The journal could not be mended after an error.", { cause: broken });
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
    },

    close: () => handle.close(),
  };
}
export type Journal = Awaited<ReturnType<typeof openJournal>>;
