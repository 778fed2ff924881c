import type { types } from "@slack/bolt";
import { DELIVERIES } from "../jobs/deliveries.ts";
import { Effort } from "../jobs/job.ts";
import { optionOf, tickInput } from "./inputs.ts";

/** Choices that the form of a job and a person's defaults offer alike. */

const EFFORTS: Record<Effort, string> = {
  low: "Low: quick and cheap",
  medium: "Medium",
  high: "High: hard code",
  xhigh: "Extra high: long work",
  max: "Max: as much as it takes",
};
export const effortOptions: types.PlainTextOption[] = Effort.options.map((effort) => optionOf(effort, EFFORTS[effort]));
export const EFFORT_HINT = "How hard the model thinks. Not every model takes each.";

export const deliveryOptions: types.PlainTextOption[] = Object.entries(DELIVERIES).map(([value, { name, meaning }]) =>
  optionOf(value, name, meaning),
);

const IN_A_MESSAGE_TOO = optionOf(
  "yes",
  "In a direct message too",
  "When repositories are done or wait for me; the thread says it anyway",
);
export const tellDirectlyInput = (field: string, isTicked: boolean | undefined): types.InputBlock =>
  tickInput(field, "Tell me", IN_A_MESSAGE_TOO, isTicked);
