import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { DecideInput, decide } from "../packages/pipeline/decide.ts";
import { openStore } from "../packages/store/open.ts";

export function createDecide(environment: Environment) {
  const store = openStore(readConfig("decide", environment));
  return async (event: unknown) => decide(store, DecideInput.parse(event));
}

export const handler = onFirstCall(createDecide);
