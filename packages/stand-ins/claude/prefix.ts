import { createHash, type Hash } from "node:crypto";
import { type ApiBlock, blocksOf, type MessagesRequest } from "./wire.ts";

/** One cacheable piece of a request, in the order in which the API reads it: tools, system, messages. */
export type PrefixPiece = {
  /** Over everything up to and including this piece, cache marks left out. */
  hash: string;
  tokens: number;
  mark?: { ttl: "5m" | "1h" };
};

/** Rough, but the same every time: four bytes of JSON a token. */
export const tokensOf = (value: unknown) => tokensIn(JSON.stringify(value));
/** An image weighs by its pixels, not its bytes: as much as a large one. */
const IMAGE_TOKENS = 1_600;
const tokensIn = (json: string) => Math.max(1, Math.ceil(Buffer.byteLength(json) / 4));

/**
 * All that has been read up to some block. A thinking block is signed over its own words and, by models that bind it,
 * over this, so a history that was changed, shortened or put in another order no longer fits its signatures. No secret
 * is needed: it guards against bugs, not against people.
 */
export class Chain {
  readonly #hash: Hash;
  private constructor(hash: Hash) {
    this.#hash = hash;
  }

  static of = (model: string) => new Chain(createHash("sha256").update(model));

  copy = () => new Chain(this.#hash.copy());

  /** Reads one block on; gives its piece. */
  pass(where: string, block: ApiBlock): PrefixPiece {
    const { cache_control: mark, ...bare } = block;
    const json = JSON.stringify(bare);
    this.#hash.update(`\0${where}\0`).update(json);
    const tokens = bare.type === "image" ? IMAGE_TOKENS : tokensIn(json);
    return { hash: this.digest(), tokens, ...(mark ? { mark: markOf(mark) } : {}) };
  }

  digest = () => this.#hash.copy().digest("base64url");

  sign = (thinking: string) =>
    `sig_${wordsHash(thinking)}_${this.digest()
      .replace(/[^A-Za-z0-9]/g, "")
      .slice(0, 20)}`;

  /** `words`: no model wrote this. `prefix`: it did, behind something else. */
  check(thinking: string, signature: unknown): "fits" | "words" | "prefix" {
    if (signature === this.sign(thinking)) return "fits";
    return String(signature).startsWith(`sig_${wordsHash(thinking)}_`) ? "prefix" : "words";
  }
}

const wordsHash = (thinking: string) =>
  createHash("sha256")
    .update(thinking)
    .digest("base64url")
    .replace(/[^A-Za-z0-9]/g, "")
    .slice(0, 20);

export const markOf = (mark: unknown): { ttl: "5m" | "1h" } => ({
  ttl: (mark as { ttl?: string }).ttl === "1h" ? "1h" : "5m",
});

/** Tools and system text: what every request of a conversation begins with. */
export function beginning(request: Pick<MessagesRequest, "model" | "tools" | "system">): {
  chain: Chain;
  pieces: PrefixPiece[];
} {
  const chain = Chain.of(request.model);
  const pieces = [
    ...(request.tools ?? []).map((tool) => chain.pass("tool", tool as unknown as ApiBlock)),
    ...blocksOf(request.system).map((block) => chain.pass("system", block)),
  ];
  return { chain, pieces };
}
