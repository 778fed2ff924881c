import { z } from "zod";
import { drive } from "../packages/pipeline/drive.ts";
import { perJob, rowChanges } from "../packages/pipeline/stream.ts";
import { log, openExecutions, openStore } from "./clients.ts";
import { Machine, readConfig, Table } from "./config.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = z.object({ ...Table.shape, ...Machine.shape });

/** On the table's stream: rows that ask for something start executions. */
export function createDrive(environment: Environment) {
  const config = readConfig(variables, environment);
  const deps = { ...openStore(config), startExecution: openExecutions(config).start };
  return async (event: unknown) =>
    perJob(
      rowChanges(event).filter(({ row }) => row === "job" || row === "round"),
      async (_jobId, changes) => {
        for (const change of changes) await drive(deps, change);
      },
      (jobId, error) => log(`drive ${jobId}: ${error}`),
    );
}

export const handler = onFirstCall(createDrive);
