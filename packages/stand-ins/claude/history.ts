import type { Model } from "../../agent/models.ts";
import { checkBlock, checkSystemMessage } from "./blocks.ts";
import { withoutMarks } from "./marks.ts";
import type { Chain, PrefixPiece } from "./prefix.ts";
import { type ApiBlock, ApiMessage, blocksOf, invalidRequest, parsed } from "./wire.ts";

/** All that is known of a history up to and including one message. */
export type History = {
  /** Without marks. A later request that begins alike shares it. */
  message: ApiMessage;
  /** One a block; a dropped one weighs nothing. */
  pieces: PrefixPiece[];
  /** Tokens of the whole history; the beginning is not counted. */
  tokens: number;
  chain: Chain;
  role: ApiMessage["role"];
  /** Messages of one role behind each other are one; this is its number. */
  index: number;
  /** Blocks of the merged message so far. */
  blocks: number;
  /** Calls that the current or, in a user's message, the last answer made. */
  calls: readonly unknown[];
  /** Answers in the current user's message. */
  results: readonly unknown[];
  lastType: string;
  hasLooseBlocks: boolean;
  before: History | undefined;
  /** Histories that go on from here. */
  after: History[];
  ids: readonly unknown[];
};

export type Rules = { model: Model; dropsThinking: boolean };

/**
 * The history with one more message, which must be what the API accepts there. `before` has been looked at already, in
 * this request or an earlier one, so a long conversation costs what is new in it.
 */
function withMessage(before: History | undefined, chainBefore: Chain, message: ApiMessage, rules: Rules): History {
  const { role } = message;
  const content = blocksOf(message.content);
  const joins = before?.role === role && role !== "system";
  const index = before === undefined ? 0 : joins ? before.index : before.index + 1;
  const path = `messages.${index}`;
  if (content.length === 0) invalidRequest(`${path}: all messages must have non-empty content`);
  if (before === undefined && role !== "user") invalidRequest('messages: first message must use the "user" role');
  if (role === "system") checkSystemMessage(rules.model, before?.role, path);
  if (before && !joins) checkEnd(before, role);
  const next: History = {
    message,
    pieces: [],
    tokens: before?.tokens ?? 0,
    chain: chainBefore.copy(),
    role,
    index,
    blocks: joins ? before.blocks : 0,
    calls: role === "assistant" && !joins ? [] : (before?.calls ?? []),
    results: joins ? before.results : [],
    lastType: "",
    hasLooseBlocks: joins && before.hasLooseBlocks,
    before,
    after: [],
    ids: [],
  };
  for (const block of content) readBlock(next, block, rules);
  return next;
}

/** What must hold of a message before one of another role comes, or before the history ends. */
function checkEnd(history: History, next: ApiMessage["role"] | undefined): void {
  const { role, index, calls, results, lastType } = history;
  if (role === "assistant") {
    if (calls.length > 0 && next !== "user") unanswered(index, calls);
    if (next !== undefined && /thinking$/.test(lastType))
      invalidRequest(`messages.${index}: The final block in an assistant message cannot be \`thinking\`.`);
  } else if (role === "user") {
    const missing = calls.filter((id) => !results.includes(id));
    if (missing.length > 0) unanswered(index - 1, missing);
  } else if (next === "user") {
    invalidRequest(`messages.${index}: a \`system\` message must be the last one or precede an \`assistant\` message`);
  }
}

const unanswered = (index: number, ids: readonly unknown[]) =>
  invalidRequest(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );

function readBlock(history: History, block: ApiBlock, rules: Rules): void {
  const path = `messages.${history.index}.content.${history.blocks++}`;
  checkBlock(block, history.role, path);
  checkPlace(history, block, path);
  history.lastType = block.type;
  const stays = block.type !== "thinking" || fits(history.chain, block, path, rules);
  const piece = stays ? history.chain.pass(history.role, block) : { hash: history.chain.digest(), tokens: 0 };
  history.pieces.push(piece);
  history.tokens += piece.tokens;
}

function checkPlace(history: History, block: ApiBlock, path: string): void {
  if (block.type === "tool_use") {
    if (isUsed(history, block.id)) invalidRequest(`${path}: \`tool_use\` ids must be unique`);
    history.ids = [...history.ids, block.id];
    history.calls = [...history.calls, block.id];
  }
  if (history.role !== "user") return;
  if (block.type !== "tool_result") {
    history.hasLooseBlocks = true;
    return;
  }
  const where = `messages.${history.index}.content`;
  if (!history.calls.includes(block.tool_use_id)) {
    invalidRequest(
      `${where}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${block.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
    );
  }
  if (history.results.includes(block.tool_use_id)) invalidRequest(`${where}: each tool_use must have a single result`);
  if (history.hasLooseBlocks) invalidRequest(`${where}: \`tool_result\` blocks must come first in a message`);
  history.results = [...history.results, block.tool_use_id];
}

function isUsed(history: History | undefined, id: unknown): boolean {
  for (let one = history; one; one = one.before) if (one.ids.includes(id)) return true;
  return false;
}

/** Says whether the block stays; one that is bound to something else may be dropped instead of refused. */
function fits(chain: Chain, block: ApiBlock, path: string, { model, dropsThinking }: Rules): boolean {
  const found = chain.check(String(block.thinking), block.signature);
  if (found === "words") invalidRequest(`${path}: Invalid \`signature\` in \`thinking\` block`);
  if (found === "fits" || !model.bindsThinking) return true;
  if (dropsThinking) return false;
  invalidRequest(
    `${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. Remove the block, or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block". That setting requires the \`thinking-binding-controls-2026-08-01\` value in the \`anthropic-beta\` header.`,
  );
}

/** A conversation of this size is at the context window's end; then what is remembered is read again. */
const MAX_REMEMBERED_BLOCKS = 20_000;

/**
 * Histories that were found good, as a tree: a request is checked from where it differs from those before it. What is
 * remembered is compared, not hashed, so a long conversation costs little more than reading its request.
 */
export function createHistories() {
  const beginnings = new Map<string, History[]>();
  let blocks = 0;

  return {
    read(messages: readonly unknown[], beginning: Chain, rules: Rules): History[] {
      const key = `${rules.dropsThinking} ${beginning.digest()}`;
      if (blocks > MAX_REMEMBERED_BLOCKS) {
        beginnings.clear();
        blocks = 0;
      }
      let known = beginnings.get(key) ?? [];
      beginnings.set(key, known);
      const all: History[] = [];
      for (const [i, raw] of messages.entries()) {
        const bare = withoutMarks(raw);
        const before = all.at(-1);
        let one = known.findLast(({ message }) => sameJson(message, bare));
        if (!one) {
          const message = parsed(ApiMessage, bare, `messages.${i}`);
          one = withMessage(before, before?.chain ?? beginning, message, rules);
          known.push(one);
          blocks += one.pieces.length;
        }
        all.push(one);
        known = one.after;
      }
      checkEnd(all.at(-1)!, undefined);
      return all;
    },
  };
}

function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [mine, theirs] = [Object.keys(a), Object.keys(b)];
  return (
    mine.length === theirs.length &&
    mine.every((name, i) => name === theirs[i] && sameJson(a[name as keyof object], b[name as keyof object]))
  );
}
