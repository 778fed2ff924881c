import type { PrefixPiece } from "./prefix.ts";

/** How far the API looks back from a mark for an entry that an earlier request wrote. */
const LOOK_BACK = 20;
/** The real figure depends on the model, 512 to 4,096. */
const LEAST_TOKENS = 1_024;
const TTL_MS = { "5m": 300_000, "1h": 3_600_000 };

export type CacheUse = { input: number; read: number; written5m: number; written1h: number };

/** What the API would bill: an entry exists only where some request had a mark, for as long as its time to live. */
export function createCache(now: () => number) {
  const entries = new Map<string, { expiresAt: number; ttlMs: number }>();

  const isFresh = (hash: string) => (entries.get(hash)?.expiresAt ?? 0) > now();

  function longestHit(pieces: PrefixPiece[]): number {
    for (let at = pieces.length - 1; at >= 0; at--) {
      if (!isFresh(pieces[at]!.hash)) continue;
      const seen = pieces.some(({ mark }, markAt) => mark && markAt >= at && markAt - at < LOOK_BACK);
      if (seen) return at;
    }
    return -1;
  }

  return {
    /** Accounts for one request. Call it when the answer begins: only then can others read what it wrote. */
    use(pieces: PrefixPiece[]): CacheUse {
      const tokens = (from: number, to: number) => pieces.slice(from, to).reduce((sum, piece) => sum + piece.tokens, 0);
      const hit = longestHit(pieces);
      const use: CacheUse = { input: 0, read: tokens(0, hit + 1), written5m: 0, written1h: 0 };
      const read = entries.get(pieces[hit]?.hash ?? "");
      if (read) read.expiresAt = now() + read.ttlMs;
      let done = hit + 1;
      for (const [at, { mark, hash }] of pieces.entries()) {
        if (!mark || at < done || tokens(0, at + 1) < LEAST_TOKENS) continue;
        use[mark.ttl === "1h" ? "written1h" : "written5m"] += tokens(done, at + 1);
        entries.set(hash, { ttlMs: TTL_MS[mark.ttl], expiresAt: now() + TTL_MS[mark.ttl] });
        done = at + 1;
      }
      use.input = tokens(done, pieces.length);
      return use;
    },
  };
}
