import type { types } from "@slack/bolt";
import { DELIVERIES } from "../jobs/deliveries.ts";
import type { FoundDefaults } from "../jobs/team.ts";
import { listed } from "../text/lists.ts";
import { dollars } from "../text/money.ts";
import { deliveryOptions, EFFORT_HINT, effortOptions, tellDirectlyInput } from "./choices.ts";
import { context } from "./history/blocks.ts";
import { input, selectOf } from "./inputs.ts";
import { modelMenu, type OfferedModel } from "./model-menu.ts";
import { LIMITS, plain } from "./text.ts";

export const DEFAULTS_ACTIONS = {
  /** A button in Home: opens a person's own defaults. */
  open: "cody-defaults",
} as const;

/** Inputs of the form, by block and action id alike. */
export const DEFAULTS_FIELDS = {
  model: "defaults-model",
  effort: "defaults-effort",
  delivery: "defaults-delivery",
  capUsd: "defaults-cap",
  tellDirectly: "defaults-tell",
} as const;

const DEPLOYMENTS = "the defaults of this deployment";

/** What a person has chosen, in a few words. */
export function defaultsWords(found: FoundDefaults): string {
  if (found === "unreadable") return `${DEPLOYMENTS}: your own could not be read; save them anew`;
  const { model, effort, delivery, capUsd, tellDirectly } = found ?? {};
  const words = [
    ...(model === undefined ? [] : [model]),
    ...(effort === undefined ? [] : [`effort ${effort}`]),
    ...(delivery === undefined ? [] : [`“${DELIVERIES[delivery].name}”`]),
    ...(capUsd === undefined ? [] : [`a cost limit of ${dollars(capUsd)}`]),
    ...(tellDirectly ? ["direct messages when a job is done"] : []),
  ];
  return words.length === 0 ? DEPLOYMENTS : listed(words);
}

const AS_DEPLOYED = "As the deployment has it";

/** What a person's form opens with, to change. An empty field is the deployment's default. */
export function defaultsInputs(models: readonly OfferedModel[], found: FoundDefaults): types.KnownBlock[] {
  const isUnreadable = found === "unreadable";
  const { model, effort, delivery, capUsd, tellDirectly } = isUnreadable || !found ? {} : found;
  const isGone = model !== undefined && !models.some(({ id }) => id === model);
  return [
    ...(isUnreadable ? [context("What you had saved could not be read: what you save now takes its place.")] : []),
    input(
      DEFAULTS_FIELDS.model,
      "Model",
      { ...modelMenu(DEFAULTS_FIELDS.model, models, model), placeholder: plain(AS_DEPLOYED, LIMITS.placeholder) },
      { hint: isGone ? `${model} is not offered any more: choose another one.` : undefined, optional: true },
    ),
    input(DEFAULTS_FIELDS.effort, "Effort", selectOf(DEFAULTS_FIELDS.effort, effortOptions, effort, AS_DEPLOYED), {
      hint: EFFORT_HINT,
      optional: true,
    }),
    input(
      DEFAULTS_FIELDS.delivery,
      "When a repository is done",
      selectOf(DEFAULTS_FIELDS.delivery, deliveryOptions, delivery, AS_DEPLOYED),
      { optional: true },
    ),
    input(
      DEFAULTS_FIELDS.capUsd,
      "Cost limit in US dollars",
      {
        type: "number_input",
        action_id: DEFAULTS_FIELDS.capUsd,
        is_decimal_allowed: true,
        ...(capUsd !== undefined && { initial_value: `${capUsd}` }),
      },
      { hint: "For all repositories and rounds of a job together.", optional: true },
    ),
    tellDirectlyInput(DEFAULTS_FIELDS.tellDirectly, tellDirectly),
  ];
}
