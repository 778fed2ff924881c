import type { types } from "@slack/bolt";
import { Effort } from "../jobs/job.ts";
import { optionOf } from "./inputs.ts";

const EFFORTS: Record<Effort, string> = {
  low: "Low: quick and cheap",
  medium: "Medium",
  high: "High: hard code",
  xhigh: "Extra high: long work",
  max: "Max: as much as it takes",
};

/** In the form of a job and in a person's defaults alike. */
export const effortOptions: types.PlainTextOption[] = Effort.options.map((effort) => optionOf(effort, EFFORTS[effort]));
export const EFFORT_HINT = "How hard the model thinks. Not every model takes each.";
