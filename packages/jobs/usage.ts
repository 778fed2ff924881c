import { z } from "zod";

const Tokens = z.number().int().nonnegative();

/** Token counts as the Messages API bills them; `input` is the uncached rest only. */
export const Usage = z.object({
  input: Tokens,
  cacheWrite5m: Tokens,
  cacheWrite1h: Tokens,
  cacheRead: Tokens,
  output: Tokens,
});
export type Usage = z.infer<typeof Usage>;

export const NO_USAGE: Usage = { input: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  input: a.input + b.input,
  cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m,
  cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
  cacheRead: a.cacheRead + b.cacheRead,
  output: a.output + b.output,
});

/**
 * Answers that were asked for and never stored, because the attempt that asked died or its stream broke off: what
 * they cost is not known, so `usd` is an estimate (null without a known price).
 */
export const Lost = z.object({ turns: z.number().int().positive(), usd: z.number().nonnegative().nullable() });
export type Lost = z.infer<typeof Lost>;

/** The request that is out now: which turn of its round, and an estimate of what its answer costs. */
export const Asking = z.object({ turn: z.number().int().positive(), usd: z.number().nonnegative().nullable() });
export type Asking = z.infer<typeof Asking>;

export const withLost = (lost: Lost | undefined, asking: Asking | undefined): Lost | undefined =>
  asking ? { turns: (lost?.turns ?? 0) + 1, usd: addCost(lost?.usd ?? (lost ? null : 0), asking.usd) } : lost;

/** The larger of two counts. Attempts can overlap, so an outcome may know less than the row. */
export const moreOf = (a: Lost | undefined, b: Lost | undefined) => ((a?.turns ?? 0) > (b?.turns ?? 0) ? a : b);

/** What turns add to the totals that stood before them. */
export const totalsAfter = (
  before: Totals,
  turns: readonly { usage: Usage; costUsd: number | null }[],
): Omit<Totals, "lost"> => ({
  turns: before.turns + turns.length,
  usage: turns.reduce((sum, { usage }) => addUsage(sum, usage), before.usage),
  spendUsd: turns.reduce((sum, { costUsd }) => addCost(sum, costUsd), before.spendUsd),
});

/** What was lost between two states of a row. */
export const lostSince = (before: Lost | undefined, now: Lost | undefined): Lost | undefined =>
  now && now.turns > (before?.turns ?? 0)
    ? { turns: now.turns - (before?.turns ?? 0), usd: now.usd === null ? null : now.usd - (before?.usd ?? 0) }
    : undefined;

/** Once one part has no known price, neither has the sum. */
export const addCost = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b);

export const Totals = z.object({
  turns: z.number().int().nonnegative(),
  usage: Usage,
  /** null: the model has no known price. */
  spendUsd: z.number().nonnegative().nullable(),
  /** Not part of the other figures; it counts against the cost limit. Absent: nothing was lost. */
  lost: Lost.optional(),
});
export type Totals = z.infer<typeof Totals>;
