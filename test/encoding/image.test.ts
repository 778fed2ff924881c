import { expect, test } from "vitest";
import { imageIn } from "../../packages/encoding/image.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const riff = (chunk: string) => Buffer.concat([Buffer.from("RIFF\0\0\0\0WEBP"), hex(chunk)]);

test.each([
  ["PNG", hex("89504e470d0a1a0a 0000000d 49484452 00000002 00000003"), { type: "image/png", width: 2, height: 3 }],
  ["GIF", hex("474946383961 0200 0300"), { type: "image/gif", width: 2, height: 3 }],
  // A comment, a table of numbers and a filler before the frame.
  [
    "JPEG",
    hex("ffd8 fffe0004aaaa ffc40003aa ff ffc2 0011 08 0003 0002 03 00"),
    { type: "image/jpeg", width: 2, height: 3 },
  ],
  ["JPEG, cut off", hex("ffd8ffe00010"), { type: "image/jpeg", width: 0, height: 0 }],
  ["WebP", riff("56503820 00000000 000000 9d012a 0200 0300"), { type: "image/webp", width: 2, height: 3 }],
  ["WebP, lossless", riff("5650384c 00000000 2f 01800000 0000000000"), { type: "image/webp", width: 2, height: 3 }],
  ["WebP, extended", riff("56503858 00000000 00000000 010000 020000"), { type: "image/webp", width: 2, height: 3 }],
  ["text", Buffer.from("GIF of a cat"), undefined],
  ["nothing", Buffer.alloc(0), undefined],
])("an image is known by its bytes: %s", (_, bytes, facts) => {
  expect(imageIn(bytes)).toEqual(facts);
});
