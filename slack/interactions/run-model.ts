import type { types } from "@slack/bolt";
import type { Effort } from "../../packages/jobs/job.ts";
import { EFFORT_HINT, effortOptions } from "../../packages/views/efforts.ts";
import { input } from "../../packages/views/inputs.ts";
import { modelMenu } from "../../packages/views/model-menu.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import type { Settings } from "../deps.ts";
import { FIELDS } from "./run-fields.ts";

export function modelInput({ models, defaultModel }: Settings, wanted: string | undefined): types.InputBlock {
  const isOffered = (model: string | undefined) => models.some(({ id }) => id === model);
  const initial = [wanted, defaultModel].find(isOffered) ?? models[0]!.id;
  const isGone = wanted !== undefined && !isOffered(wanted);
  return input(
    FIELDS.model,
    "Model",
    { ...modelMenu(FIELDS.model, models, initial) },
    {
      followed: true,
      ...(isGone && { hint: `${wanted} is not offered any more; ${initial} stands in its place.` }),
    },
  );
}

export function effortInput(wanted: Effort | undefined): types.InputBlock {
  const initial = effortOptions.find(({ value }) => value === wanted);
  return input(
    FIELDS.effort,
    "Effort",
    {
      type: "static_select",
      action_id: FIELDS.effort,
      placeholder: plain("What this deployment or the model uses", LIMITS.placeholder),
      options: effortOptions,
      ...(initial && { initial_option: initial }),
    },
    { hint: EFFORT_HINT, optional: true },
  );
}
