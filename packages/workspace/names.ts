import { decodeUtf8 } from "../encoding/opaque.ts";

/** What git prints with `-z`; a byte that is not UTF-8 stays itself, see encoding/opaque.ts. */
export const namesIn = (listing: Uint8Array): string[] => decodeUtf8(listing).split("\0").filter(Boolean);
