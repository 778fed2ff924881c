import type { Stream } from "../../packages/stand-ins/dynamodb/journal.ts";

const BATCH = 500;

/**
 * Looks after each change of a row until there is something, and gives it. A look costs requests, on cores that the
 * runners need.
 */
export async function afterChange<Found>(
  stream: Stream,
  look: () => Promise<Found | undefined>,
  timeoutMs = 150_000,
): Promise<Found> {
  const changed = rowChanges(stream, AbortSignal.timeout(timeoutMs));
  for (;;) {
    await changed();
    const found = await look();
    if (found !== undefined) return found;
  }
}

/** Each call waits until a row has changed since the call before; the first one for any row at all. */
export function rowChanges(stream: Stream, signal?: AbortSignal): () => Promise<void> {
  let after = "";
  return async () => {
    await stream.wait(after, signal);
    for (let last: string | undefined; ; after = last) {
      last = (await stream.read(after, BATCH)).at(-1)?.dynamodb.SequenceNumber;
      if (last === undefined) return;
    }
  };
}
