import type { Turn } from "../conversation/conversation.ts";
import { NO_USAGE, type Usage } from "../jobs/usage.ts";
import { type Model, modelOf, type Price } from "./models.ts";

const MILLION = 1_000_000;

/** All input of a request, cached or not: what counts against the context window. */
export const promptTokens = (usage: Usage) => usage.input + usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheRead;

function priceFor(model: Model, tokensInPrompt: number): Price | undefined {
  const long = model.longPrompt;
  return long && tokensInPrompt > long.aboveTokens ? long.price : model.price;
}

/** US dollars for one answer; null where the model that answered has no known price. */
export function costOf(responseModel: string, usage: Usage): number | null {
  const price = priceFor(modelOf(responseModel), promptTokens(usage));
  if (!price) return null;
  const dollars =
    usage.input * price.input +
    usage.cacheWrite5m * price.cacheWrite5m +
    usage.cacheWrite1h * price.cacheWrite1h +
    usage.cacheRead * price.cacheRead +
    usage.output * price.output;
  return dollars / MILLION;
}

/** An answer of fewer tokens is rare; before the first one nothing better is known. */
const USUAL_OUTPUT_TOKENS = 1_000;

/**
 * US dollars that an answer may cost which is not there yet: the last prompt read from the cache, what is new in this
 * one written to it, and as many words as the longest answer so far. null without a known price.
 */
export function estimatedCost(model: Model, turns: readonly Turn[], nextPromptTokens: number, maxTokens: number) {
  const last = turns.at(-1);
  const cacheRead = Math.min(nextPromptTokens, last ? promptTokens(last.usage) : 0);
  const output = Math.min(maxTokens, Math.max(USUAL_OUTPUT_TOKENS, ...turns.map(({ usage }) => usage.output)));
  return costOf(model.id, { ...NO_USAGE, cacheRead, cacheWrite5m: nextPromptTokens - cacheRead, output });
}

/**
 * How many output tokens the dollars left can pay for once the next prompt is paid, which is mostly cache reads.
 * Infinity without a known price.
 */
export function affordableOutput(model: Model, dollarsLeft: number, nextPromptTokens: number): number {
  const price = priceFor(model, nextPromptTokens);
  if (!price) return Number.POSITIVE_INFINITY;
  const forOutput = dollarsLeft - (nextPromptTokens * price.cacheRead) / MILLION;
  return Math.max(0, Math.floor((forOutput * MILLION) / price.output));
}
