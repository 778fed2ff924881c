import { endWarningOf, modelOf } from "../packages/agent/models.ts";
import { systemClock } from "../packages/clock/clock.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { baseFiles } from "../packages/github/base-files.ts";
import { openReading } from "../packages/github/reading.ts";
import { createRequesterRights } from "../packages/github/requester-rights.ts";
import { mayPush } from "../packages/github/rights.ts";
import { RoundRef } from "../packages/jobs/execution.ts";
import { plan } from "../packages/pipeline/plan.ts";
import { findOthers } from "../packages/pipeline/repeats.ts";
import { findUnfinishedAlike } from "../packages/pipeline/unfinished-alike.ts";
import { findSettings } from "../packages/settings/find-settings.ts";
import { openStore } from "../packages/store/open.ts";

/** Waits for rate limits within the function's own time; a longer one ends the repository with a reason. */
const MAX_WAIT_S = 20;

/** `onOneMachine`: Work is a process of this machine, and no image is chosen for it. */
export function createPlan(environment: Environment, { onOneMachine = false } = {}) {
  const config = readConfig("plan", environment);
  const store = openStore(config);
  const { now } = systemClock;
  const reading = openReading(config, { maxWaitS: MAX_WAIT_S, log: console.warn });
  const deps = {
    ...store,
    now,
    inspect: reading.inspect,
    findSettings: async (repository: string, commit: string) =>
      findSettings(baseFiles(await reading.clientOf(repository), repository, commit)),
    images: onOneMachine ? ("no-effect" as const) : Object.keys(config.CODY_IMAGES),
    requesterRefusal: createRequesterRights({
      people: config.CODY_PEOPLE,
      strict: config.CODY_STRICT ?? false,
      admins: config.CODY_ADMINS,
      mayPush: async (repository, login) => mayPush(await reading.clientOf(repository), repository, login),
    }),
    othersIn: findOthers(store),
    unfinishedAlike: findUnfinishedAlike(store),
    modelWarning: (model: string) => endWarningOf(modelOf(model), now()),
  };
  return async (event: unknown) => plan(deps, RoundRef.parse(event));
}

export const handler = onFirstCall((environment) => createPlan(environment));
