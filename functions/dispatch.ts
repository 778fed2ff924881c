import { z } from "zod";
import { dispatch } from "../packages/pipeline/dispatch.ts";
import { perJob, rowChanges } from "../packages/pipeline/stream.ts";
import { log, openExecutions, openStore } from "./clients.ts";
import { Machine, readConfig, Table } from "./config.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = z.object({ ...Table.shape, ...Machine.shape });

/** On the table's stream: rows that ask for something start executions. */
export function createDispatch(environment: Environment) {
  const config = readConfig(variables, environment);
  const deps = { ...openStore(config), startExecution: openExecutions(config).start };
  return async (event: unknown) =>
    perJob(
      rowChanges(event).filter(({ row }) => row === "job" || row === "round"),
      async (_jobId, changes) => {
        for (const change of changes) await dispatch(deps, change);
      },
      (jobId, error) => log(`dispatch ${jobId}: ${error}`),
    );
}

export const handler = onFirstCall(createDispatch);
