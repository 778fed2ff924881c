import { createHash, type Hash } from "node:crypto";
import { type ApiRequest, type Block, blocksOf, invalid, merged } from "./wire.ts";

/** One cacheable piece of a request, in the order in which the API reads it: tools, system, messages. */
export type Piece = {
  /** Of everything up to and including this piece, cache marks left out. */
  hash: string;
  tokens: number;
  mark?: { ttl: "5m" | "1h" };
};

/** Rough, but the same every time: four bytes of JSON a token. */
export const tokensOf = (value: unknown) => Math.max(1, Math.ceil(Buffer.byteLength(JSON.stringify(value)) / 4));

export function piecesOf(request: ApiRequest): Piece[] {
  const running = createHash("sha256").update(request.model);
  const pieces = [
    ...(request.tools ?? []).map((tool) => ["tool", tool] as const),
    ...blocksOf(request.system).map((block) => ["system", block] as const),
    ...merged(request.messages).flatMap(({ role, content }) => content.map((block) => [role, block] as const)),
  ].map(([where, piece]): Piece => {
    const { cache_control: mark, ...bare } = piece as Block;
    add(running, where, bare);
    return {
      hash: running.copy().digest("hex"),
      tokens: tokensOf(bare),
      ...(mark ? { mark: { ttl: (mark as { ttl?: string }).ttl === "1h" ? "1h" : "5m" } } : {}),
    };
  });
  const last = pieces.at(-1);
  if (request.cache_control && last) last.mark = { ttl: request.cache_control.ttl === "1h" ? "1h" : "5m" };
  return pieces;
}

const add = (hash: Hash, where: string, value: unknown) => hash.update(`\0${where}\0`).update(JSON.stringify(value));

/**
 * A thinking block is signed over system, tools and all blocks before it, so a history that was changed, shortened or
 * put in another order no longer fits its signatures. No secret is needed: it guards against bugs, not against people.
 */
export function signer(request: ApiRequest) {
  const running = createHash("sha256").update(
    JSON.stringify([withoutMarks(request.tools), withoutMarks(blocksOf(request.system))]),
  );
  return {
    sign: (thinking: string) => `sig_${running.copy().update(thinking).digest("base64url").slice(0, 40)}`,
    pass: (role: string, block: Block) => add(running, role, withoutMark(block)),
  };
}

/** Leaves the signer behind the whole history, ready for the answer. */
export function checkSignatures(request: ApiRequest): ReturnType<typeof signer> {
  const chain = signer(request);
  for (const [i, { role, content }] of merged(request.messages).entries()) {
    for (const [j, block] of content.entries()) {
      if (block.type === "thinking" && block.signature !== chain.sign(String(block.thinking))) {
        invalid(`messages.${i}.content.${j}: Invalid \`signature\` in \`thinking\` block`);
      }
      chain.pass(role, block);
    }
  }
  return chain;
}

const withoutMark = ({ cache_control: _, ...block }: Block) => block;
const withoutMarks = (pieces: unknown[] | undefined) => (pieces ?? []).map((piece) => withoutMark(piece as Block));
