import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { dispatch } from "../packages/pipeline/dispatch.ts";
import { openExecutions } from "../packages/pipeline/executions.ts";
import { perJob, rowChanges } from "../packages/pipeline/stream.ts";
import { openStore } from "../packages/store/open.ts";

/** On the table's stream: rows that ask for something start executions. */
export function createDispatch(environment: Environment) {
  const config = readConfig("dispatch", environment);
  const deps = { ...openStore(config), startExecution: openExecutions(config).start };
  return async (event: unknown) =>
    perJob(
      rowChanges(event).filter(({ row }) => row === "job" || row === "round"),
      async (_jobId, changes) => {
        for (const change of changes) await dispatch(deps, change);
      },
      (jobId, error) => console.warn(`dispatch ${jobId}: ${error}`),
    );
}

export const handler = onFirstCall(createDispatch);
