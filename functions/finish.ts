import { RoundRef } from "../packages/jobs/execution.ts";
import { finish } from "../packages/pipeline/finish.ts";
import { now, openStore } from "./clients.ts";
import { readConfig, Table } from "./config.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = Table;

export function createFinish(environment: Environment) {
  const deps = { ...openStore(readConfig(variables, environment)), now };
  return async (event: unknown) => finish(deps, RoundRef.parse(event));
}

export const handler = onFirstCall(createFinish);
