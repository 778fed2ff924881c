import { setTimeout as sleep } from "node:timers/promises";
import type { Checkpoint } from "./checkpoint.ts";
import type { Stream } from "./journal.ts";
import type { StreamRecord } from "./stream-record.ts";

export type EventSourceOptions = {
  stream: Stream;
  checkpoint: Checkpoint;
  /** The function: an event as Lambda gives it, answered like a Lambda that reports batch item failures. */
  invoke: (event: { Records: StreamRecord[] }) => Promise<unknown>;
  /** As a filter pattern of the event source mapping would; what it leaves out counts as done. */
  filter?: (record: StreamRecord) => boolean;
  batchSize?: number;
  /** Tries of a record before it is given up, as with MaximumRetryAttempts and a dead-letter queue. */
  maxTries?: number;
  retryMs?: number;
  /** Whether these records are delivered twice, which "at least once" allows. */
  twice?: (() => boolean) | undefined;
  log: (line: string) => void;
};

const MAX_PAUSE_MS = 5_000;

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html: the lowest failed one counts.
 */
function firstFailure(answer: unknown, records: StreamRecord[]): number | undefined {
  const failures =
    (answer as { batchItemFailures?: { itemIdentifier?: string }[] } | undefined)?.batchItemFailures ?? [];
  if (failures.length === 0) return undefined;
  const positions = failures.map(({ itemIdentifier }) =>
    records.findIndex((record) => record.dynamodb.SequenceNumber === itemIdentifier),
  );
  return Math.max(0, Math.min(...positions));
}

/** Feeds a function from the stream in order, at least once, like Lambda's event source mapping on one shard. */
export function startEventSource(options: EventSourceOptions) {
  const { stream, checkpoint, invoke, log, filter = () => true } = options;
  const { batchSize = 10, maxTries = 10, retryMs = 100 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  /** How many of the records, from the first one on, are done. */
  async function deliver(records: StreamRecord[]): Promise<{ done: number; error?: unknown }> {
    const wanted = records.filter(filter);
    if (wanted.length === 0) return { done: records.length };
    try {
      if (options.twice?.()) await invoke({ Records: wanted });
      const failed = firstFailure(await invoke({ Records: wanted }), wanted);
      return failed === undefined
        ? { done: records.length }
        : { done: records.indexOf(wanted[failed]!), error: "the function reported it as failed" };
    } catch (error) {
      return { done: 0, error };
    }
  }

  async function run() {
    let after = await checkpoint.read();
    stream.keep(checkpoint, after);
    let tries = 0;
    while (!signal.aborted) {
      // After a failure one record at a time, so that only the bad one is given up.
      const records = await stream.read(after, tries > 0 ? 1 : batchSize);
      if (records.length === 0) {
        await stream.wait(after, signal);
        continue;
      }
      const { done, error } = await deliver(records);
      tries = done > 0 ? 0 : tries + 1;
      const givenUp = done === 0 && tries > maxTries;
      if (givenUp) {
        log(`stream: gave up on record ${records[0]?.dynamodb.SequenceNumber} after ${maxTries} tries: ${error}`);
        tries = 0;
      }
      const passed = records[givenUp ? 0 : done - 1];
      if (passed) {
        after = passed.dynamodb.SequenceNumber;
        await checkpoint.save(after).then(
          () => stream.keep(checkpoint, after),
          (error: unknown) =>
            log(`stream: record ${after} is done, but that could not be stored; it may be delivered again: ${error}`),
        );
      } else {
        await sleep(Math.min(MAX_PAUSE_MS, retryMs * 2 ** (tries - 1)), undefined, { signal });
      }
    }
  }

  /** Rejects when the stream or the checkpoint cannot be read; its starter must look. */
  const ended = run().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    ended,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
