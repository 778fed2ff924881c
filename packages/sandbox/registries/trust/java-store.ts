import { createHash } from "node:crypto";

/** Java's default; a client that is told no password does not check the seal. */
const PASSWORD = "changeit";
const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;

/** One certificate that Java trusts, as JKS: the form that every Java reads, sealed as its own tools do. */
export function javaTrustStore(certificate: Uint8Array, now: Date): Uint8Array {
  const made = Buffer.alloc(8);
  made.writeBigInt64BE(BigInt(now.getTime()));
  const entries = [int(TRUSTED_CERTIFICATE), words("cody"), made, words("X.509"), int(certificate.length), certificate];
  const store = Buffer.concat([int(MAGIC), int(VERSION), int(1), ...entries]);
  const seal = createHash("sha1")
    .update(Buffer.from(PASSWORD, "utf16le").swap16())
    .update("Mighty Aphrodite")
    .update(store);
  return Buffer.concat([store, seal.digest()]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function words(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}
