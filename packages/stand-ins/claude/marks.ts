import { markOf, type PrefixPiece } from "./prefix.ts";
import { type ApiBlock, blocksOf, type Envelope, invalidRequest } from "./wire.ts";

const MAX_MARKS = 4;

const contentOf = (message: unknown): ApiBlock[] => {
  const content = (message as { content?: unknown } | null)?.content;
  return Array.isArray(content) ? (content as ApiBlock[]) : [];
};

const isMarked = (block: unknown) => Boolean((block as ApiBlock | null)?.cache_control);

export const hasMarks = (message: unknown) => contentOf(message).some(isMarked);

/** The message as it was without marks: these move from request to request, and what they stand on stays. */
export function withoutMarks(message: unknown): unknown {
  if (!hasMarks(message)) return message;
  const content = contentOf(message).map(({ cache_control: _, ...block }) => block);
  return { ...(message as object), content };
}

export function checkMarks(request: Envelope): void {
  const blocks = request.messages.flatMap((message, i) =>
    contentOf(message).map((block, j) => ({ block, path: `messages.${i}.content.${j}` })),
  );
  for (const { block, path } of blocks) {
    if (isMarked(block) && /thinking$/.test(block.type))
      invalidRequest(`${path}.${block.type}.cache_control: Extra inputs are not permitted`);
  }
  const places = [...(request.tools ?? []), ...blocksOf(request.system), ...blocks.map(({ block }) => block)];
  const all = places.filter(isMarked).length + (request.cache_control ? 1 : 0);
  if (all > MAX_MARKS)
    invalidRequest(`A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${all}.`);
}

/** Every piece of a request, with this request's own marks. */
export function markedPieces(
  request: Envelope,
  beginning: readonly PrefixPiece[],
  histories: readonly { pieces: readonly PrefixPiece[] }[],
): PrefixPiece[] {
  const pieces = [...beginning];
  for (const [i, history] of histories.entries()) {
    const marked = hasMarks(request.messages[i]) ? contentOf(request.messages[i]) : [];
    for (const [j, piece] of history.pieces.entries()) {
      const mark = marked[j]?.cache_control;
      pieces.push(mark ? { ...piece, mark: markOf(mark) } : piece);
    }
  }
  const last = pieces.at(-1);
  return request.cache_control && last ? pieces.with(-1, { ...last, mark: markOf(request.cache_control) }) : pieces;
}
