import { unlessLate } from "../../packages/clock/unless-late.ts";
import type { JobOptions } from "../../packages/jobs/job.ts";
import type { PersonDefaults } from "../../packages/jobs/team.ts";
import type { Settings, SlackDeps, Who } from "../deps.ts";
import { type PastCosts, priced } from "../estimate.ts";
import type { FormContent } from "./run-fields.ts";

/** A trigger lives for three seconds, of which Slack itself takes some: what is known until then stands in the form. */
const OPENING_MS = 1_000;

const LATE = Symbol("late");
const inTime = <Value>(value: Promise<Value>) => unlessLate(value, OPENING_MS, LATE);

function chosenIn({ model, effort, delivery, capUsd, tellDirectly }: PersonDefaults): Partial<JobOptions> {
  return {
    ...(model !== undefined && { model }),
    ...(effort !== undefined && { effort }),
    ...(delivery !== undefined && { delivery }),
    ...(capUsd !== undefined && { capUsd }),
    ...(tellDirectly && { tellDirectly }),
  };
}

/** A person's own, within the time in which a form can still be opened; else the deployment's, and the form says so. */
export async function defaultsOf(
  deps: Pick<SlackDeps, "store" | "log">,
  { teamId, userId }: Who,
): Promise<Pick<FormContent, "options" | "note">> {
  try {
    const found = await inTime(deps.store.readDefaults({ teamId, userId }));
    if (found === "unreadable")
      return { note: "Your own defaults could not be read: these are the deployment's. Save yours anew in Home." };
    if (found !== LATE) return { options: found && chosenIn(found) };
  } catch (error) {
    deps.log(`defaults of ${userId}: ${error}`);
  }
  return { note: "Your own defaults could not be read just now: these are the deployment's." };
}

/** The deployment's, each model with what it has cost here. Without an answer in time the models have their prices alone. */
export async function settingsWithCosts(
  { settings, log }: Pick<SlackDeps, "settings" | "log">,
  costs: Promise<PastCosts>,
): Promise<Settings> {
  try {
    const found = await inTime(costs);
    return found === LATE ? settings : { ...settings, models: priced(settings.models, found) };
  } catch (error) {
    log(`past costs: ${error}`);
    return settings;
  }
}
