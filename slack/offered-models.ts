import { endsWithin, MODELS, type Model, modelOf } from "../packages/agent/models.ts";

/** A job, its review and its follow-ups take days: what ends before they may be over is not offered for new ones. */
const LEAST_DAYS_LEFT = 14;

/** The catalogue without what is about to end, and the deployment's own default in any case, as its first entry. */
export function offeredModels(defaultModel: string, at: Date) {
  const offered = MODELS.filter((model) => !endsWithin(model, LEAST_DAYS_LEFT, at));
  const own = offered.some(({ id }) => id === defaultModel) ? [] : [{ ...modelOf(defaultModel), id: defaultModel }];
  return [...own, ...offered].map((model) => ({ id: model.id, label: labelOf(model, at) }));
}

/** At most 75 characters, Slack's limit for an option. */
function labelOf(model: Model, at: Date) {
  const { id, price, endsOn } = model;
  const cost = price ? `$${price.input} in, $${price.output} out per MTok` : "price unknown, no cost limit";
  const end = endsOn && (endsWithin(model, 0, at) ? `ended ${endsOn}` : `ends ${endsOn}`);
  return [id, cost, ...(end ? [end] : [])].join(" · ");
}
