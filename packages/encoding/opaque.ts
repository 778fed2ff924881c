import { Buffer, isUtf8 } from "node:buffer";

/**
 * A byte that is no text stands in a string as U+DC00 plus the byte: half of a surrogate pair, which UTF-8 cannot hold, so
 * nothing else can be taken for it and every byte comes back as it was. Python calls this "surrogateescape".
 */
const OPAQUE = 0xdc00;

export const opaque = (byte: number) => String.fromCharCode(OPAQUE + byte);

/** The stand-ins in a string; not the second half of a pair. */
const STAND_INS = /([\udc80-\udcff])/u;

export const hasOpaque = (text: string) => STAND_INS.test(text);

/** Every input has exactly one result, and `encodeUtf8` gives the input back. */
export function decodeUtf8(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < buffer.length; ) {
    const length = characterLength(buffer, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(buffer.toString("utf8", from, at), opaque(buffer[at]!));
    from = ++at;
  }
  return parts.join("") + buffer.toString("utf8", from);
}

export const encodeUtf8 = (text: string): Buffer => encodeWith(text, (part) => Buffer.from(part));

/** Opaque bytes as they were, the rest by `encode`. */
export function encodeWith(text: string, encode: (part: string) => Uint8Array): Buffer {
  if (!hasOpaque(text)) return asBuffer(encode(text));
  return Buffer.concat(
    text
      .split(new RegExp(STAND_INS, "u"))
      .map((part, i) => (i % 2 === 1 ? Uint8Array.of(part.charCodeAt(0) - OPAQUE) : encode(part))),
  );
}

export const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Bytes of the well-formed UTF-8 character at `at` (Unicode 16, table 3-7); 0 when there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const [length, low, high] =
    lead < 0xc2
      ? [0, 0, 0]
      : lead < 0xe0
        ? [2, 0x80, 0xbf]
        : lead < 0xf0
          ? [3, lead === 0xe0 ? 0xa0 : 0x80, lead === 0xed ? 0x9f : 0xbf]
          : lead < 0xf5
            ? [4, lead === 0xf0 ? 0x90 : 0x80, lead === 0xf4 ? 0x8f : 0xbf]
            : [0, 0, 0];
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  if (second < low! || second > high!) return 0;
  for (let i = at + 2; i < at + length; i++) if ((bytes[i]! & 0xc0) !== 0x80) return 0;
  return length;
}
