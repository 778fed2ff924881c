import { z } from "zod";
import { endWarningOf, modelOf } from "../packages/agent/models.ts";
import { RoundRef } from "../packages/jobs/execution.ts";
import { plan } from "../packages/pipeline/plan.ts";
import { findOthers } from "../packages/pipeline/repeats.ts";
import { findUnfinishedAlike } from "../packages/pipeline/unfinished-alike.ts";
import { now, openStore } from "./clients.ts";
import { GitHubReader, readConfig, Table } from "./config.ts";
import { openReading } from "./github.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = z.object({ ...Table.shape, ...GitHubReader.shape });

/** Waits for rate limits within the function's own time; a longer one ends the repository with a reason. */
const MAX_WAIT_S = 20;

export function createPlan(environment: Environment) {
  const config = readConfig(variables, environment);
  const store = openStore(config);
  const deps = {
    ...store,
    now,
    inspect: openReading(config, MAX_WAIT_S).inspect,
    othersIn: findOthers(store),
    unfinishedAlike: findUnfinishedAlike(store),
    modelWarning: (model: string) => endWarningOf(modelOf(model), now()),
  };
  return async (event: unknown) => plan(deps, RoundRef.parse(event));
}

export const handler = onFirstCall(createPlan);
