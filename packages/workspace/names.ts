import type { Buffer } from "node:buffer";
import { decodeUtf8, encodeUtf8 } from "../encoding/opaque.ts";

/** What git prints with `-z`; a byte that is not UTF-8 stays itself, see encoding/opaque.ts. */
export const namesIn = (listing: Uint8Array): string[] => decodeUtf8(listing).split("\0").filter(Boolean);

/** What git reads with `-z`. */
export const listingOf = (names: readonly string[]): Buffer => encodeUtf8(names.map((name) => `${name}\0`).join(""));
