import type { types } from "@slack/bolt";
import type { Effort } from "../../packages/jobs/job.ts";
import { EFFORT_HINT, effortOptions } from "../../packages/views/choices.ts";
import { input, selectOf } from "../../packages/views/inputs.ts";
import { modelMenu } from "../../packages/views/model-menu.ts";
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

export const effortInput = (wanted: Effort | undefined): types.InputBlock =>
  input(FIELDS.effort, "Effort", selectOf(FIELDS.effort, effortOptions, wanted, "As the deployment has it"), {
    hint: EFFORT_HINT,
    optional: true,
  });
