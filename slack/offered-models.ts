import { endsWithin, MODELS, type Model, modelOf } from "../packages/agent/models.ts";
import { costOf } from "../packages/agent/pricing.ts";
import type { OfferedModel } from "../packages/views/model-menu.ts";

/** A job, its review and its follow-ups take days: what ends before they may be over is not offered for new ones. */
const LEAST_DAYS_LEFT = 14;

/** The order in which a person reads them. */
const GROUPS = {
  own: "Recommended",
  dearer: "More capable, at a higher price",
  cheaper: "Quicker and cheaper",
  earlier: "Earlier models",
} as const;

/**
 * The deployment's own default first, and the catalogue in groups around it, without what is about to end. Each says what
 * it costs beside the default.
 */
export function offeredModels(defaultModel: string, at: Date): OfferedModel[] {
  const own = { ...modelOf(defaultModel), id: defaultModel };
  const others = MODELS.filter((model) => model.id !== defaultModel && !endsWithin(model, LEAST_DAYS_LEFT, at));
  const groupOf = (model: Model) => {
    if (!model.isCurrent) return GROUPS.earlier;
    return (priceBeside(model.id, defaultModel) ?? 1) < 1 ? GROUPS.cheaper : GROUPS.dearer;
  };
  const grouped = Map.groupBy(others, groupOf);
  return Object.values(GROUPS).flatMap((group) =>
    (group === GROUPS.own ? [own] : (grouped.get(group) ?? [])).map((model) => ({
      id: model.id,
      label: labelOf(model, at),
      group,
      ...priceOf(model, defaultModel),
    })),
  );
}

/** At most 75 characters, Slack's limit for an option. */
function labelOf({ id, endsOn, ...model }: Model, at: Date) {
  if (!endsOn) return id;
  return `${id} · ${endsWithin({ id, endsOn, ...model }, 0, at) ? "ended" : "ends"} ${endsOn}`;
}

function priceOf({ id, price }: Model, defaultModel: string): { price?: string } {
  if (!price) return { price: "Its price is unknown, so no cost limit can stop it" };
  const share = priceBeside(id, defaultModel);
  return share === undefined || id === defaultModel ? {} : { price: `${shareWords(share)} of ${defaultModel}` };
}

function shareWords(share: number): string {
  const percent = Math.round(share * 100);
  if (Math.abs(percent - 100) <= 5) return "About the price";
  return share < 1
    ? `About ${percent}% of the price`
    : `About ${share < 1.95 ? share.toFixed(1) : Math.round(share)} times the price`;
}

/** What a turn mostly is: a prompt that was read before, something new in it, and some hundred words of answer. */
const USUAL = { input: 0, cacheWrite5m: 3_000, cacheWrite1h: 0, cacheRead: 15_000, output: 600 };

/** How much dearer one model is than another for the same work. undefined: a price is unknown. */
export function priceBeside(model: string, other: string): number | undefined {
  const [cost, otherCost] = [costOf(model, USUAL), costOf(other, USUAL)];
  return cost === null || otherCost === null ? undefined : cost / otherCost;
}
