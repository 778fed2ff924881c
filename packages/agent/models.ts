import type { Effort } from "../jobs/job.ts";
import { listed } from "../text/lists.ts";

/** US dollars per million tokens. */
export type Price = { input: number; output: number; cacheWrite5m: number; cacheWrite1h: number; cacheRead: number };

export type Model = {
  id: string;
  contextTokens: number;
  maxOutputTokens: number;
  /** `none`: the model knows only fixed thinking budgets; we then ask for no thinking at all. */
  thinking: "adaptive" | "none";
  /** The API checks that nothing that stood before a thinking block has changed since. No forced tool choice either. */
  bindsThinking: boolean;
  /** Takes `role: "system"` messages in mid-conversation. */
  systemMessages: boolean;
  /** What we ask for where nothing else is wanted; absent: the model's own default. */
  effort?: Effort;
  /** Those that it takes, it refuses a request with another one; absent: all. */
  efforts?: readonly Effort[];
  /** Absent: no price is known, so no cost is shown and the cost limit cannot stop the run. */
  price?: Price;
  /** Once the prompt (all input, cached or not) is above this many tokens, every token has this price. */
  longPrompt?: { aboveTokens: number; price: Price };
  /** The day from which the API refuses it, `2027-01-22`. */
  endsOn?: string;
  /** One of the newest of its kind. */
  isCurrent?: true;
};

/**
 * When the table below was compared with the published prices, limits and dates of end:
 * https://platform.claude.com/docs/en/about-claude/pricing and .../model-deprecations
 */
const PRICES_CHECKED_ON = "2026-11-27";

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
const SMALL = { contextTokens: 200_000, maxOutputTokens: 64_000, thinking: "none" } as const;
const NEWEST = { ...LARGE, bindsThinking: true, systemMessages: true } as const;
const CURRENT = { ...NEWEST, isCurrent: true } as const;
const NEWER = { ...LARGE, bindsThinking: false, systemMessages: true } as const;
const OLDER = { bindsThinking: false, systemMessages: false } as const;
const NO_XHIGH = { efforts: ["low", "medium", "high", "max"] } as const;
const OPUS_5 = price(5, 25, 6.25, 10, 0.5);
const SONNET_4 = price(3, 15, 3.75, 6, 0.3);

export const MODELS: readonly Model[] = [
  { id: "claude-fable-5-2", ...CURRENT, price: price(8, 40, 10, 16, 0.2) },
  { id: "claude-fable-5-1", ...NEWEST, price: price(10, 50, 12.5, 20, 0.25) },
  // The default of these two is medium; work on a repository is what high is meant for.
  { id: "claude-opus-5-5", ...CURRENT, effort: "high", price: price(4, 20, 5, 8, 0.2) },
  { id: "claude-sonnet-5-5", ...CURRENT, price: price(2, 10, 2.5, 4, 0.1) },
  {
    id: "claude-haiku-5-5",
    ...CURRENT,
    effort: "high",
    price: price(0.1, 0.5, 0.125, 0.2, 0.01),
    longPrompt: { aboveTokens: 100_000, price: price(0.5, 2.5, 0.625, 1, 0.05) },
  },
  { id: "claude-fable-5", ...NEWER, price: price(10, 50, 12.5, 20, 1) },
  { id: "claude-opus-5", ...NEWER, price: OPUS_5 },
  // Reports differ on whether it takes system messages: then it gets none.
  { id: "claude-sonnet-5", ...LARGE, ...OLDER, price: price(2, 10, 2.5, 4, 0.2) },
  { id: "claude-opus-4-8", ...NEWER, price: OPUS_5 },
  { id: "claude-opus-4-7", ...LARGE, ...OLDER, price: OPUS_5 },
  { id: "claude-opus-4-6", ...LARGE, ...OLDER, ...NO_XHIGH, price: OPUS_5 },
  { id: "claude-sonnet-4-6", ...LARGE, ...OLDER, ...NO_XHIGH, price: SONNET_4 },
  {
    id: "claude-opus-4-5",
    ...SMALL,
    ...OLDER,
    efforts: ["low", "medium", "high"],
    price: OPUS_5,
    endsOn: "2027-01-22",
  },
  { id: "claude-sonnet-4-5", ...SMALL, ...OLDER, efforts: [], price: SONNET_4, endsOn: "2026-11-30" },
  { id: "claude-haiku-4-5", ...SMALL, ...OLDER, efforts: [], price: price(1, 5, 1.25, 2, 0.1) },
];

/**
 * Takes a catalogue id, the same with a date at its end, or what the scripted model calls itself. An id that the table
 * does not have still works: careful limits, a warning, and never a guessed price.
 */
export function modelOf(id: string): Model {
  const bare = id.replace(/^scripted-/, "").replace(/-\d{8}$/, "");
  return (
    MODELS.find((model) => model.id === bare) ?? {
      id: bare,
      contextTokens: 200_000,
      maxOutputTokens: 32_000,
      thinking: "adaptive",
      bindsThinking: true,
      systemMessages: false,
    }
  );
}

const DAY_MS = 86_400_000;

/** On the day itself the API refuses it already. */
export const endsWithin = ({ endsOn }: Model, days: number, now: Date) =>
  endsOn !== undefined && Date.parse(endsOn) - now.getTime() <= days * DAY_MS;

/** A sentence for people who choose a model, if there is something that they should know. */
export function warningOf(model: Model, now: Date): string | undefined {
  const { id } = model;
  if (!MODELS.includes(model))
    return `${id} is not in the model table of ${PRICES_CHECKED_ON}: its cost is unknown and the cost limit cannot stop it.`;
  return (
    endWarningOf(model, now) ??
    (model.price ? undefined : `The price of ${id} is unknown, so the cost limit cannot stop it.`)
  );
}

/** The same about its end alone. */
export function endWarningOf(model: Model, now: Date): string | undefined {
  const { id, endsOn } = model;
  if (endsWithin(model, 0, now)) return `${id} ended on ${endsOn}: Claude refuses it. Choose another model.`;
  return endsOn && `${id} ends on ${endsOn}: from then on Claude refuses it, follow-ups included.`;
}

/** The model as a job wants it: an effort that it cannot take is left out. */
export const withEffort = (model: Model, effort: Effort | undefined): Model =>
  effort !== undefined && takesEffort(model, effort) ? { ...model, effort } : model;

export const takesEffort = ({ efforts }: Model, effort: Effort) => efforts?.includes(effort) ?? true;

/** Beside the field of a form; undefined: the model takes it. */
export function effortRefusal(model: Model, effort: Effort): string | undefined {
  if (takesEffort(model, effort)) return undefined;
  const { id, efforts = [] } = model;
  return efforts.length === 0
    ? `${id} takes no effort: leave it open, or choose another model.`
    : `${id} takes ${listed(efforts, "or")}: choose one of them, or another model.`;
}
