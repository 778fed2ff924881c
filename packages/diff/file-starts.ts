export const FILE_START = "diff --git ";
const NEXT_START = Buffer.from(`\n${FILE_START}`);

export const patchBytes = (patch: Uint8Array) => Buffer.from(patch.buffer, patch.byteOffset, patch.byteLength);

/**
 * Where each file of a patch begins, in bytes, from `from` on. A search alone: only a header begins a line like this,
 * since every line of content has a mark before it, and no line of binary content has a space.
 */
export function* fileStarts(patch: Buffer, from = 0): Generator<number> {
  if (from === 0 && patch.indexOf(FILE_START) === 0) yield 0;
  for (let at = patch.indexOf(NEXT_START, Math.max(0, from - 1)); at !== -1; at = patch.indexOf(NEXT_START, at + 1))
    yield at + 1;
}

/** Where the last file begins that ends at or before `max`; 0 when the first one is longer. */
export const endOfWholeFiles = (patch: Buffer, max: number) => patch.lastIndexOf(NEXT_START, max) + 1;
