import { DecideInput, decide } from "../packages/pipeline/decide.ts";
import { openStore } from "./clients.ts";
import { readConfig, Table } from "./config.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = Table;

export function createDecide(environment: Environment) {
  const store = openStore(readConfig(variables, environment));
  return async (event: unknown) => decide(store, DecideInput.parse(event));
}

export const handler = onFirstCall(createDecide);
