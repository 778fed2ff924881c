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
  const units = new Uint16Array(buffer.length);
  let count = 0;
  for (let at = 0; at < buffer.length; ) {
    const length = characterLength(buffer, at);
    const code = codeAt(buffer, at, length);
    if (code > 0xffff) {
      units[count++] = 0xd7c0 + (code >> 10);
      units[count++] = 0xdc00 + (code & 0x3ff);
    } else units[count++] = code;
    at += length || 1;
  }
  return textOf(units.subarray(0, count));
}

/** ASCII and opaque bytes alone. */
export function decodeAscii(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes);
  for (let at = 0; at < units.length; at++) if (units[at]! >= 0x80) units[at]! += OPAQUE;
  return textOf(units);
}

/** How many characters outside ASCII, and how many bytes that are none. */
export function countsInUtf8(bytes: Uint8Array): { letters: number; stray: number } {
  const counts = { letters: 0, stray: 0 };
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length === 0) counts.stray++;
    else if (length > 1) counts.letters++;
    at += length || 1;
  }
  return counts;
}

const textOf = (units: Uint16Array) => Buffer.from(units.buffer, 0, units.byteLength).toString("utf16le");

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

/** The code point of the character at `at`; where there is none, the unit that stands for its byte. */
function codeAt(bytes: Uint8Array, at: number, length: number): number {
  const lead = bytes[at]!;
  if (length === 0) return OPAQUE + lead;
  let code = length === 1 ? lead : lead & (0xff >> (length + 1));
  for (let i = at + 1; i < at + length; i++) code = (code << 6) | (bytes[i]! & 0x3f);
  return code;
}

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
