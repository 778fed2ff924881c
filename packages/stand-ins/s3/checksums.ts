import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

export type Digest = { update(bytes: Buffer): void; hex(): string; base64(): string };

function hashDigest(algorithm: "md5" | "sha1" | "sha256"): Digest {
  const hash = createHash(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.copy().digest("hex"),
    base64: () => hash.copy().digest("base64"),
  };
}

function crc32Digest(): Digest {
  let value = 0;
  const bytesOf = () => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    hex: () => bytesOf().toString("hex"),
    base64: () => bytesOf().toString("base64"),
  };
}

/** The checksum headers that the stand-in knows; crc32c and crc64nvme need code that Node does not have. */
export const CHECKSUMS: Record<string, () => Digest> = {
  "x-amz-checksum-crc32": crc32Digest,
  "x-amz-checksum-sha1": () => hashDigest("sha1"),
  "x-amz-checksum-sha256": () => hashDigest("sha256"),
};
export const md5Digest = () => hashDigest("md5");
export const sha256Digest = () => hashDigest("sha256");
