import { systemClock } from "../packages/clock/clock.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { openExecutions } from "../packages/pipeline/executions.ts";
import { sweep } from "../packages/pipeline/sweep.ts";
import { openStore } from "../packages/store/open.ts";

/** The function schedule looks every five minutes: after three looks something is wrong with it. */
const OVERDUE_MS = 16 * 60_000;

/**
 * Every five minutes. Throws when an item failed, or when a schedule or a campaign waits, after it has looked at all of
 * them: an alarm hears of it.
 */
export function createSweep(environment: Environment) {
  const config = readConfig("sweep", environment);
  const executions = openExecutions(config);
  const store = openStore(config);
  const deps = {
    ...store,
    now: systemClock.now,
    startExecution: executions.start,
    executionStatus: executions.status,
    report: ({ kind }: { kind: string }, error: unknown) => console.warn(`sweep ${kind}: ${error}`),
  };
  return async () => {
    const swept = await sweep(deps);
    if (swept.failed > 0) throw new Error(`${swept.failed} of ${swept.looked} open items could not be swept.`);
    const late = await store.overdue(new Date(systemClock.now().getTime() - OVERDUE_MS));
    if (late) throw new Error(`${late} should have been looked at: the log group of schedule says why it was not.`);
    return swept;
  };
}

export const handler = onFirstCall(createSweep);
