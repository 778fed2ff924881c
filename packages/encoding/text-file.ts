import { Buffer, isAscii as isAsciiBytes, isUtf8 } from "node:buffer";
import { declaredIn, decodeLegacy, encodeLegacy, LEGACY, legacyName } from "./legacy.ts";
import { asBuffer, countsInUtf8, decodeAscii, decodeUtf8, encodeUtf8 } from "./opaque.ts";
import { decodeUtf16, encodeUtf16, type Utf16, utf16WithoutMark } from "./utf16.ts";

/**
 * How a file's bytes are text. `utf-8` has opaque bytes where they are none; `unknown` has ASCII and opaque bytes
 * alone; any other name is of UTF-16 or of a legacy encoding.
 */
export type Encoding = { name: string; mark: boolean };

/** A file as text, and the way back. What is not edited keeps its bytes. */
export type TextFile = { encoding: Encoding; bytes: Buffer; text: string };

export type Edit = { from: number; to: number; text: string };

const MARKS: [name: string, mark: number[]][] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];
const UTF_32LE_MARK = [0xff, 0xfe, 0, 0];
/** git calls a file binary when one of its first 8,000 bytes is NUL; so do we, unless they are UTF-16. */
const LOOKED_AT_BYTES = 8_000;

/** undefined: a binary file. */
export function encodingOf(bytes: Uint8Array): Encoding | undefined {
  if (beginsWith(bytes, UTF_32LE_MARK)) return undefined;
  const marked = MARKS.find(([, mark]) => beginsWith(bytes, mark));
  const rest = marked ? bytes.subarray(marked[1].length) : bytes;
  if (marked && marked[0] !== "utf-8") return rest.length % 2 === 0 ? { name: marked[0], mark: true } : undefined;
  if (rest.subarray(0, LOOKED_AT_BYTES).includes(0)) {
    const name = marked ? undefined : utf16WithoutMark(bytes);
    return name && { name, mark: false };
  }
  if (marked) return { name: "utf-8", mark: true };
  const declared = declaredIn(bytes);
  if (declared && (isAsciiBytes(bytes) || !isUtf8(bytes)) && decodeLegacy(bytes, declared) !== undefined)
    return { name: declared, mark: false };
  return { name: isUtf8(bytes) || mostlyUtf8(bytes) ? "utf-8" : "unknown", mark: false };
}

/** undefined: a binary file, or `as` names an encoding that these bytes are not. */
export function textFileOf(bytes: Uint8Array, as?: Encoding): TextFile | undefined {
  const encoding = as ?? encodingOf(bytes);
  if (!encoding) return undefined;
  const buffer = asBuffer(bytes);
  const text = decode(encoding.mark ? buffer.subarray(markOf(encoding.name).length) : buffer, encoding.name);
  return text === undefined ? undefined : { encoding, bytes: buffer, text };
}

/** The encoding that a person names, for these bytes; undefined when it is none that this can read and write. */
export function encodingNamed(name: string, bytes: Uint8Array = new Uint8Array()): Encoding | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/^utf(8|16)/, "utf-$1");
  if (plain === "utf-8-bom" || plain === "utf-8-sig") return { name: "utf-8", mark: true };
  if (plain === "utf-16") return { name: "utf-16le", mark: true };
  const known = MARKS.find(([one]) => one === plain);
  if (known) return { name: plain, mark: bytes.length > 0 && beginsWith(bytes, known[1]) };
  const legacy = legacyName(plain);
  return legacy === undefined ? undefined : { name: legacy, mark: false };
}

/** undefined: a character of it is not in the encoding. In an unknown one, ASCII and opaque bytes are known. */
export function encode(text: string, { name }: Encoding): Uint8Array | undefined {
  if (name === "utf-8") return encodeUtf8(text);
  if (name.startsWith("utf-16")) return encodeUtf16(text, name as Utf16);
  if (name === "unknown") return /[^\0-\x7f\udc80-\udcff]/u.test(text) ? undefined : encodeUtf8(text);
  return encodeLegacy(text, name);
}

/** A whole file of this text, with its byte order mark. */
export function encodeWhole(text: string, encoding: Encoding): Uint8Array | undefined {
  const bytes = encode(text, encoding);
  return bytes && encoding.mark ? Buffer.concat([Buffer.from(markOf(encoding.name)), bytes]) : bytes;
}

/** The file with `edits` made, which must be in order and not overlap; undefined when one cannot be encoded. */
export function splice(file: TextFile, edits: readonly Edit[]): TextFile | undefined {
  const parts: Uint8Array[] = [];
  const texts: string[] = [];
  let [at, byte] = [0, file.encoding.mark ? markOf(file.encoding.name).length : 0];
  parts.push(file.bytes.subarray(0, byte));
  const bytesIn = (from: number, to: number) => encode(file.text.slice(from, to), file.encoding)!.length;
  for (const { from, to, text } of edits) {
    const bytes = encode(text, file.encoding);
    if (!bytes) return undefined;
    const start = byte + bytesIn(at, from);
    parts.push(file.bytes.subarray(byte, start), bytes);
    texts.push(file.text.slice(at, from), text);
    byte = start + bytesIn(from, to);
    at = to;
  }
  parts.push(file.bytes.subarray(byte));
  texts.push(file.text.slice(at));
  return { encoding: file.encoding, bytes: Buffer.concat(parts), text: texts.join("") };
}

/** Legacy encodings that these bytes can be, the likeliest first. Most bytes can be several. */
export const possibleEncodings = (bytes: Uint8Array): string[] =>
  LEGACY.filter((name) => decodeLegacy(bytes, name) !== undefined);

function decode(bytes: Buffer, name: string): string | undefined {
  if (name === "utf-8") return decodeUtf8(bytes);
  if (name === "unknown") return decodeAscii(bytes);
  if (name.startsWith("utf-16")) return bytes.length % 2 === 0 ? decodeUtf16(bytes, name as Utf16) : undefined;
  return decodeLegacy(bytes, name);
}

/** A stray byte or a cut character in a UTF-8 file does not make it another encoding. */
function mostlyUtf8(bytes: Uint8Array): boolean {
  const { letters, stray } = countsInUtf8(bytes);
  return letters > stray;
}

const markOf = (name: string) => MARKS.find(([one]) => one === name)?.[1] ?? [];
const beginsWith = (bytes: Uint8Array, start: readonly number[]) => start.every((byte, i) => bytes[i] === byte);
