/** The first `max` bytes, less what would be the first part of a UTF-8 character. Other bytes are left as they are. */
export function headBytes<T extends Uint8Array>(bytes: T, max: number): T {
  if (bytes.length <= max) return bytes;
  return bytes.subarray(0, startOfCharacter(bytes, Math.max(0, max))) as T;
}

/** The last `max` bytes, less what would be the last part of a UTF-8 character. */
export function tailBytes<T extends Uint8Array>(bytes: T, max: number): T {
  if (bytes.length <= max) return bytes;
  const at = bytes.length - Math.max(0, max);
  const start = startOfCharacter(bytes, at);
  return bytes.subarray(start < at ? start + lengthOf(bytes[start]!) : at) as T;
}

/** `at`, or where the character begins that has bytes on both sides of `at`. */
function startOfCharacter(bytes: Uint8Array, at: number): number {
  for (let start = at - 1; start >= 0 && start >= at - 3; start--) {
    if (!isContinuation(bytes[start]!))
      return start + lengthOf(bytes[start]!) > at && isWhole(bytes, start) ? start : at;
  }
  return at;
}

/** A lead byte whose followers are not there is no character that could be cut: Latin-1, or bytes of anything. */
function isWhole(bytes: Uint8Array, start: number): boolean {
  const end = start + lengthOf(bytes[start]!);
  return bytes.subarray(start + 1, end).every(isContinuation);
}

const isContinuation = (byte: number) => (byte & 0xc0) === 0x80;

const lengthOf = (lead: number) => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);
