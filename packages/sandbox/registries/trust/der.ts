/** Writes DER (ITU-T X.690), as far as a certificate of ours needs it. Nothing here reads any. */
export type Der = Buffer;

const ofTag = (tag: number, content: Uint8Array): Der =>
  Buffer.concat([Buffer.from([tag, ...lengthOf(content)]), content]);

function lengthOf({ length }: Uint8Array): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...parts: Uint8Array[]) => ofTag(0x30, Buffer.concat(parts));
export const set = (...parts: Uint8Array[]) => ofTag(0x31, Buffer.concat(parts));
export const octets = (bytes: Uint8Array) => ofTag(0x04, bytes);
export const utf8 = (text: string) => ofTag(0x0c, Buffer.from(text));
export const isTrue = ofTag(0x01, Buffer.from([0xff]));

/** A number given by its bytes, the most significant first. */
export function integer(bytes: readonly number[] | Uint8Array): Der {
  const first = bytes[0] ?? 0;
  return ofTag(0x02, Buffer.from(first & 0x80 ? [0, ...bytes] : [...bytes]));
}

export const bits = (bytes: Uint8Array, unused = 0) => ofTag(0x03, Buffer.concat([Buffer.from([unused]), bytes]));

/** `explicit`: `content` is a whole value, else the bytes of one. */
export const tagged = (tag: number, content: Uint8Array, { explicit = false } = {}) =>
  ofTag(0x80 | (explicit ? 0x20 : 0) | tag, content);

export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return ofTag(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(inBase128)]));
}

function inBase128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

/** Until 2049, as UTCTime. */
export const time = (at: Date) => ofTag(0x17, Buffer.from(at.toISOString().replace(/^..|[-:T]|\.\d+/g, "")));
