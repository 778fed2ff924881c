import { systemClock } from "../packages/clock/clock.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { RoundRef } from "../packages/jobs/execution.ts";
import { finish } from "../packages/pipeline/finish.ts";
import { openStore } from "../packages/store/open.ts";

export function createFinish(environment: Environment) {
  const deps = { ...openStore(readConfig("finish", environment)), now: systemClock.now };
  return async (event: unknown) => finish(deps, RoundRef.parse(event));
}

export const handler = onFirstCall(createFinish);
