import { asBuffer } from "./opaque.ts";

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
type ImageType = (typeof IMAGE_TYPES)[number];

/** What the bytes say, whatever a name claims. The sides are in pixels, and 0 where they were not found. */
export type ImageFacts = { type: ImageType; width: number; height: number };

/** undefined: none of these four kinds. */
export function imageIn(bytes: Uint8Array): ImageFacts | undefined {
  const buffer = asBuffer(bytes);
  const at = (start: number, text: string) => buffer.toString("latin1", start, start + text.length) === text;
  if (at(0, "\x89PNG\r\n\x1a\n") && buffer.length >= 24)
    return { type: "image/png", width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) };
  if ((at(0, "GIF87a") || at(0, "GIF89a")) && buffer.length >= 10)
    return { type: "image/gif", width: buffer.readUInt16LE(6), height: buffer.readUInt16LE(8) };
  if (at(0, "RIFF") && at(8, "WEBP")) return { type: "image/webp", ...webpSides(buffer) };
  if (at(0, "\xff\xd8\xff")) return { type: "image/jpeg", ...jpegSides(buffer) };
  return undefined;
}

const UNKNOWN = { width: 0, height: 0 };

/** https://developers.google.com/speed/webp/docs/riff_container */
function webpSides(buffer: Buffer) {
  if (buffer.length < 30) return UNKNOWN;
  switch (buffer.toString("latin1", 12, 16)) {
    case "VP8X":
      return { width: buffer.readUIntLE(24, 3) + 1, height: buffer.readUIntLE(27, 3) + 1 };
    case "VP8L": {
      const bits = buffer.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8 ":
      return { width: buffer.readUInt16LE(26) & 0x3fff, height: buffer.readUInt16LE(28) & 0x3fff };
    default:
      return UNKNOWN;
  }
}

/** The first frame header among the segments: `ff c0` to `ff cf`, but for three that are none. */
function jpegSides(buffer: Buffer) {
  for (let at = 2; at + 9 < buffer.length && buffer[at] === 0xff; ) {
    const marker = buffer[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { height: buffer.readUInt16BE(at + 5), width: buffer.readUInt16BE(at + 7) };
    at += 2 + buffer.readUInt16BE(at + 2);
  }
  return UNKNOWN;
}
