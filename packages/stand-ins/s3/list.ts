import { S3Refusal } from "./refused.ts";

export type ListQuery = { prefix: string; delimiter: string; maxKeys: number; after: string };
/** `last`: where the next page begins, when there is one. */
export type Listed = { keys: string[]; prefixes: string[]; last?: string };

const MAX_KEYS = 1_000;

export function readListQuery(query: Map<string, string>): ListQuery {
  if (query.get("list-type") !== "2")
    throw new S3Refusal("NotImplemented", "Only ListObjectsV2 is there: list-type=2.");
  const maxKeys = query.get("max-keys") ?? String(MAX_KEYS);
  if (!/^\d+$/.test(maxKeys)) throw new S3Refusal("InvalidArgument", "Provided max-keys not an integer");
  const token = query.get("continuation-token");
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    maxKeys: Math.min(Number(maxKeys), MAX_KEYS),
    after: token === undefined ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString(),
  };
}

/** In the order of UTF-8 bytes, keys that share what is before a delimiter behind the prefix as one. */
export function listKeys(all: string[], { prefix, delimiter, maxKeys, after }: ListQuery): Listed {
  const listed: Listed = { keys: [], prefixes: [] };
  const sorted = all
    .filter((key) => key.startsWith(prefix))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  let last = after;
  for (const key of sorted) {
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    if (Buffer.compare(Buffer.from(entry), Buffer.from(last)) <= 0) continue;
    if (listed.keys.length + listed.prefixes.length === maxKeys) return maxKeys === 0 ? listed : { ...listed, last };
    (cut < 0 ? listed.keys : listed.prefixes).push(entry);
    last = entry;
  }
  return listed;
}
