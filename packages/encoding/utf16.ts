import { Buffer } from "node:buffer";
import { asBuffer } from "./opaque.ts";

export type Utf16 = "utf-16le" | "utf-16be";

/** The start of a file is enough to tell text from numbers. */
const LOOKED_AT_BYTES = 8_192;
const ASCII_SHARE = 0.25;

/** JavaScript's own strings are UTF-16, so even half a pair comes back as it was. The length must be even. */
export function decodeUtf16(bytes: Uint8Array, encoding: Utf16): string {
  return (encoding === "utf-16le" ? asBuffer(bytes) : Buffer.from(bytes).swap16()).toString("utf16le");
}

export function encodeUtf16(text: string, encoding: Utf16): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return encoding === "utf-16le" ? bytes : bytes.swap16();
}

/** Text in UTF-16 that has no byte order mark to say so: characters that exist, many of them ASCII. */
export function utf16WithoutMark(bytes: Uint8Array): Utf16 | undefined {
  if (bytes.length < 2 || bytes.length % 2 !== 0) return undefined;
  const start = bytes.subarray(0, LOOKED_AT_BYTES);
  const found = (["utf-16le", "utf-16be"] as const)
    .map((encoding) => ({ encoding, share: asciiShare(decodeUtf16(start, encoding)) }))
    .filter(({ share }) => share >= ASCII_SHARE)
    .toSorted((a, b) => b.share - a.share);
  return found[0]?.encoding;
}

/**
 * Private, unassigned and control characters do not occur in text; a pair may be cut at the end of what is looked at.
 */
const NO_TEXT = /[\p{Cn}\p{Co}]|(?![\t\n\f\r])\p{Cc}|\p{Cs}(?!$)/u;

function asciiShare(text: string): number {
  if (NO_TEXT.test(text)) return 0;
  return text.replace(/[^\t\n\f\r -~]/g, "").length / text.length;
}
