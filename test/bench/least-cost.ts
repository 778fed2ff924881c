import { costOf, promptTokens } from "../../packages/agent/pricing.ts";
import type { Turn } from "../../packages/conversation/conversation.ts";
import { addCost } from "../../packages/jobs/usage.ts";

/**
 * What these turns would have cost with a perfect cache: the new part of each prompt written once, all before it read.
 * The bench prints what was really spent over this.
 */
export function leastCost(turns: readonly Turn[]): number | null {
  let before = 0;
  return turns.reduce<number | null>((sum, { usage, model }) => {
    const prompt = promptTokens(usage);
    const read = Math.min(before, prompt);
    before = prompt;
    return addCost(
      sum,
      costOf(model, { ...usage, input: 0, cacheWrite1h: 0, cacheRead: read, cacheWrite5m: prompt - read }),
    );
  }, 0);
}
