import type { Stream } from "../../packages/stand-ins/dynamodb/journal.ts";
import type { StreamRecord } from "../../packages/stand-ins/dynamodb/stream-record.ts";

const BATCH = 500;

/**
 * Looks after each change of a row until there is something, and gives it. A look costs requests, on cores that the
 * runners need: `changed` tells whether it is worth one. The first ones are all that the stream has.
 */
export async function afterChange<Found>(
  stream: Stream,
  look: (changed: StreamRecord[]) => Promise<Found | undefined>,
  timeoutMs = 150_000,
): Promise<Found> {
  const changed = rowChanges(stream, AbortSignal.timeout(timeoutMs));
  for (;;) {
    const found = await look(await changed());
    if (found !== undefined) return found;
  }
}

/** Each call waits until a row has changed since the call before; the first one for any row at all. */
export function rowChanges(stream: Stream, signal?: AbortSignal): () => Promise<StreamRecord[]> {
  let after = "";
  return async () => {
    await stream.wait(after, signal);
    const changed: StreamRecord[] = [];
    for (;;) {
      const records = await stream.read(after, BATCH);
      changed.push(...records);
      const last = records.at(-1);
      if (last === undefined) return changed;
      after = last.dynamodb.SequenceNumber;
    }
  };
}
