import { z } from "zod";
import { sweep } from "../packages/pipeline/sweep.ts";
import { log, now, openExecutions, openStore } from "./clients.ts";
import { Machine, readConfig, Table } from "./config.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = z.object({ ...Table.shape, ...Machine.shape });

/** Every five minutes. Throws when an item failed, after it has looked at all of them: an alarm hears of it. */
export function createSweep(environment: Environment) {
  const config = readConfig(variables, environment);
  const executions = openExecutions(config);
  const deps = {
    ...openStore(config),
    now,
    startExecution: executions.start,
    executionStatus: executions.status,
    report: ({ kind }: { kind: string }, error: unknown) => log(`sweep ${kind}: ${error}`),
  };
  return async () => {
    const swept = await sweep(deps);
    if (swept.failed > 0) throw new Error(`${swept.failed} of ${swept.looked} open items could not be swept.`);
    return swept;
  };
}

export const handler = onFirstCall(createSweep);
