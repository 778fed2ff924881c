/** US dollars per million tokens. */
export type Price = { input: number; output: number; cacheWrite5m: number; cacheWrite1h: number; cacheRead: number };

export type Model = {
  id: string;
  contextTokens: number;
  maxOutputTokens: number;
  /** `none`: the model knows only fixed thinking budgets; we then ask for no thinking at all. */
  thinking: "adaptive" | "none";
  /** Absent: no price is known, so no cost is shown and the dollar cap cannot stop the run. */
  price?: Price;
  /** Once the prompt (all input, cached or not) is above this many tokens, every token has this price. */
  longPrompt?: { aboveTokens: number; price: Price };
  /** A sentence for people. */
  warning?: string;
};

/** When the table below was compared with the published prices and limits. */
export const PRICES_CHECKED_ON = "2026-11-20";

const price = (
  input: number,
  output: number,
  cacheWrite5m: number,
  cacheWrite1h: number,
  cacheRead: number,
): Price => ({
  input,
  output,
  cacheWrite5m,
  cacheWrite1h,
  cacheRead,
});

const LARGE = { contextTokens: 1_000_000, maxOutputTokens: 128_000, thinking: "adaptive" } as const;
const OPUS_5 = price(5, 25, 6.25, 10, 0.5);

export const MODELS: readonly Model[] = [
  { id: "claude-fable-5-2", ...LARGE, price: price(8, 40, 10, 16, 0.2) },
  { id: "claude-opus-5-5", ...LARGE, price: price(4, 20, 5, 8, 0.2) },
  { id: "claude-sonnet-5-5", ...LARGE, price: price(2, 10, 2.5, 4, 0.1) },
  {
    id: "claude-haiku-5-5",
    ...LARGE,
    price: price(0.1, 0.5, 0.125, 0.2, 0.01),
    longPrompt: { aboveTokens: 100_000, price: price(0.5, 2.5, 0.625, 1, 0.05) },
  },
  { id: "claude-opus-5", ...LARGE, price: OPUS_5 },
  { id: "claude-sonnet-5", ...LARGE, price: price(2, 10, 2.5, 4, 0.2) },
  { id: "claude-opus-4-8", ...LARGE, price: OPUS_5 },
  { id: "claude-opus-4-7", ...LARGE, price: OPUS_5 },
  { id: "claude-opus-4-6", ...LARGE, price: OPUS_5 },
  { id: "claude-opus-4-5", contextTokens: 200_000, maxOutputTokens: 64_000, thinking: "none", price: OPUS_5 },
  {
    id: "claude-sonnet-4-6",
    contextTokens: 200_000,
    maxOutputTokens: 64_000,
    thinking: "adaptive",
    price: price(3, 15, 3.75, 6, 0.3),
  },
  {
    id: "claude-sonnet-4-5",
    contextTokens: 200_000,
    maxOutputTokens: 64_000,
    thinking: "none",
    warning: "claude-sonnet-4-5 ends on 2026-11-30, and its price is not in our table.",
  },
  {
    id: "claude-haiku-4-5",
    contextTokens: 200_000,
    maxOutputTokens: 64_000,
    thinking: "none",
    price: price(1, 5, 1.25, 2, 0.1),
  },
];

/**
 * Takes a catalogue id, the same with a date at its end, or what the scripted model calls itself. An id nobody
 * listed still works: careful limits, a warning, and never a guessed price.
 */
export function modelOf(id: string): Model {
  const bare = id.replace(/^scripted-/, "").replace(/-\d{8}$/, "");
  return (
    MODELS.find((model) => model.id === bare) ?? {
      id: bare,
      contextTokens: 200_000,
      maxOutputTokens: 32_000,
      thinking: "adaptive",
      warning: `${bare} is not in the model table of ${PRICES_CHECKED_ON}: its cost is unknown and the dollar cap cannot stop it.`,
    }
  );
}

export const isScripted = (responseModel: string) => responseModel.startsWith("scripted-");
