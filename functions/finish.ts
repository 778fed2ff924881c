import { z } from "zod";
import { RoundRef } from "../packages/jobs/execution.ts";
import { finish } from "../packages/pipeline/finish.ts";
import { now, openStore } from "./clients.ts";
import { readConfig, Table } from "./config.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = Table;

/**
 * The Finish state's input; or what EventBridge says of an execution that failed, timed out or was stopped.
 * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
const Event = z.union([
  RoundRef,
  z
    .object({ source: z.literal("aws.states"), detail: z.object({ input: z.string() }) })
    .transform(({ detail }) => RoundRef.parse(JSON.parse(detail.input))),
]);

export function createFinish(environment: Environment) {
  const deps = { ...openStore(readConfig(variables, environment)), now };
  return async (event: unknown) => finish(deps, Event.parse(event));
}

export const handler = onFirstCall(createFinish);
