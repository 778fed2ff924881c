import { crc32 } from "node:zlib";
import type { ImageFacts } from "./image.ts";
import { asBuffer } from "./opaque.ts";

/**
 * Whether the parts of an image reach its end: a download that broke off, or other bytes behind a good head, do not.
 * Pixels are not decoded, so an image that passes may still be refused by what decodes it.
 */
export function isWholeImage(bytes: Uint8Array, { type }: Pick<ImageFacts, "type">): boolean {
  const buffer = asBuffer(bytes);
  try {
    return WALKS[type](buffer);
  } catch (error) {
    // Read beyond its end.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const WALKS: Record<ImageFacts["type"], (buffer: Buffer) => boolean> = {
  "image/png": isWholePng,
  "image/jpeg": isWholeJpeg,
  "image/gif": isWholeGif,
  "image/webp": isWholeWebp,
};

/** https://www.w3.org/TR/png-3/#5Chunk-layout: length, name, data, and a sum over name and data. */
function isWholePng(buffer: Buffer): boolean {
  for (let at = 8, hasPixels = false; ; ) {
    const end = at + 8 + buffer.readUInt32BE(at);
    const name = buffer.toString("latin1", at + 4, at + 8);
    if (buffer.readUInt32BE(end) !== crc32(buffer.subarray(at + 4, end))) return false;
    if (name === "IEND") return hasPixels;
    hasPixels ||= name === "IDAT";
    at = end + 4;
  }
}

/** Segments up to the first scan, whose end the mark of an image's end must follow. */
function isWholeJpeg(buffer: Buffer): boolean {
  for (let at = 2; buffer.readUInt8(at) === 0xff; ) {
    const marker = buffer.readUInt8(at + 1);
    if (marker === 0xda) return buffer.indexOf("ffd9", at, "hex") !== -1;
    at += marker === 0xff ? 1 : 2 + buffer.readUInt16BE(at + 2);
  }
  return false;
}

/** https://www.w3.org/Graphics/GIF/spec-gif89a.txt: blocks up to the trailer. */
function isWholeGif(buffer: Buffer): boolean {
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let hasPixels = false;
  for (let at = 13 + tableBytes(buffer.readUInt8(10)); ; ) {
    const kind = buffer.readUInt8(at);
    if (kind === 0x3b) return hasPixels;
    if (kind !== 0x2c && kind !== 0x21) return false;
    hasPixels ||= kind === 0x2c;
    at += kind === 0x21 ? 2 : 11 + tableBytes(buffer.readUInt8(at + 9));
    while (buffer.readUInt8(at) !== 0) at += 1 + buffer.readUInt8(at);
    at += 1;
  }
}

/** https://developers.google.com/speed/webp/docs/riff_container: chunks of even length fill what the head says. */
function isWholeWebp(buffer: Buffer): boolean {
  const end = 8 + buffer.readUInt32LE(4);
  if (end > buffer.length) return false;
  let at = 12;
  while (at + 8 <= end) at += 8 + buffer.readUInt32LE(at + 4) + (buffer.readUInt32LE(at + 4) & 1);
  return at >= end && at <= end + 1 && at > 12;
}
