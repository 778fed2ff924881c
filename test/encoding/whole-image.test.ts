import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { imageIn } from "../../packages/encoding/image.ts";
import { isWholeImage } from "../../packages/encoding/whole-image.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const u32 = (value: number, order: "LE" | "BE") => {
  const bytes = Buffer.alloc(4);
  bytes[`writeUInt32${order}`](value);
  return bytes;
};
const pngChunk = (name: string, data: Buffer) => {
  const body = Buffer.concat([Buffer.from(name), data]);
  return Buffer.concat([u32(data.length, "BE"), body, u32(crc32(body), "BE")]);
};
const PNG = Buffer.concat([
  hex("89504e470d0a1a0a"),
  pngChunk("IHDR", hex("00000001 00000001 08 02 00 00 00")),
  pngChunk("IDAT", hex("789c63f8cfc0000003010100")),
  pngChunk("IEND", Buffer.alloc(0)),
]);
/** A comment, a frame, and one scan up to the end. */
const JPEG = hex("ffd8 fffe0004aaaa ff ffc0 0011 08 0003 0002 03 000000000000000000 ffda 0003 00 1122ff00 ffd9");
/** A table of two colours, an extension, and a picture with a table of its own. */
const GIF = hex(
  "474946383961 0100 0100 80 00 00 000000ffffff 21f904 04000000 00 2c 00000000 0100 0100 80 000000ffffff 02 02 4401 00 3b",
);
const riff = (chunks: Buffer) =>
  Buffer.concat([Buffer.from("RIFF"), u32(4 + chunks.length, "LE"), Buffer.from("WEBP"), chunks]);
const WEBP = riff(Buffer.concat([Buffer.from("VP8L"), u32(19, "LE"), hex("2f01800000"), Buffer.alloc(15)]));

const IMAGES = { PNG, JPEG, GIF, WebP: WEBP };
const isWhole = (bytes: Buffer) => isWholeImage(bytes, imageIn(bytes)!);

describe.each(Object.entries(IMAGES))("an image whose parts are followed to its end: %s", (_, image) => {
  it("is whole, also with something behind it", () => {
    expect(imageIn(image)).toMatchObject({ width: expect.any(Number) });
    expect([isWhole(image), isWhole(Buffer.concat([image, Buffer.from("more")]))]).toEqual([true, true]);
  });

  it("is damaged wherever it breaks off, or where only its head is one", () => {
    const known = Array.from({ length: image.length - 1 }, (_, i) => image.subarray(0, i + 1)).filter(imageIn);
    expect(known.length).toBeGreaterThan(0);
    expect(known.filter(isWhole)).toEqual([]);
    expect(isWhole(Buffer.concat([image.subarray(0, 12), Buffer.alloc(500, 0x41)]))).toBe(false);
  });
});

it("a PNG of which a byte has changed is damaged", () => {
  const changed = Buffer.from(PNG);
  changed[45]! ^= 1;
  expect(isWhole(changed)).toBe(false);
});
