import type { FieldErrors, Values } from "../listen.ts";

/**
 * Slack keeps what stands in a field whose id stays. What is filled in anew, from a saved job, stands in a block of the
 * next edition: the same field under another id. A prompt's own inputs count theirs in their own way.
 */
const EDITION = /~(\d+)$/;

export const inEdition = (field: string, edition: number) => (edition === 0 ? field : `${field}~${edition}`);
const fieldOf = (blockId: string) => blockId.replace(EDITION, "");
const editionOfBlock = (blockId: string) => Number(EDITION.exec(blockId)?.[1] ?? 0);

/** The edition of a form's fields: what is filled in anew is so in all of them together. */
export const editionOfFields = (blocks: readonly { block_id?: string }[]) =>
  Math.max(0, ...blocks.map(({ block_id = "" }) => editionOfBlock(block_id)));

/** What a form says, by field, whatever its edition. */
export const valuesByField = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([blockId, said]) => [fieldOf(blockId), said]));

/** Errors stand beside the blocks that the form has now. */
export function besideBlocks(errors: FieldErrors, values: Values): FieldErrors {
  const blocks = new Map(Object.keys(values).map((blockId) => [fieldOf(blockId), blockId]));
  return Object.fromEntries(Object.entries(errors).map(([field, sentence]) => [blocks.get(field) ?? field, sentence]));
}
