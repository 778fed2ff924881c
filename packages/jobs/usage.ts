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

export const Totals = z.object({
  turns: z.number().int().nonnegative(),
  usage: Usage,
  /** null: the model has no known price. */
  spendUsd: z.number().nonnegative().nullable(),
});
export type Totals = z.infer<typeof Totals>;
