import { z } from "zod";
import { createGitHub } from "../packages/github/client.ts";
import { parsePatterns } from "../packages/github/patterns.ts";
import { inspectRepository } from "../packages/github/repositories.ts";
import { RoundRef } from "../packages/jobs/execution.ts";
import { plan } from "../packages/pipeline/plan.ts";
import { log, now, openStore } from "./clients.ts";
import { GitHubReader, readConfig, readToken, Table } from "./config.ts";
import { type Environment, onFirstCall } from "./on-first-call.ts";

export const variables = z.object({ ...Table.shape, ...GitHubReader.shape });

/** Waits for rate limits within the function's own time; a longer one ends the repository with a reason. */
const MAX_WAIT_S = 20;

export function createPlan(environment: Environment) {
  const config = readConfig(variables, environment);
  const store = openStore(config);
  const patterns = parsePatterns(config.CODY_REPOS);
  const github = createGitHub({
    token: readToken(config),
    ...(config.GITHUB_API_URL && { apiUrl: config.GITHUB_API_URL }),
    maxWaitS: MAX_WAIT_S,
    log,
  });
  const deps = {
    ...store,
    now,
    inspect: (repository: string, wish: { baseBranch?: string }) =>
      inspectRepository(github, repository, { ...wish, patterns }),
  };
  return async (event: unknown) => plan(deps, RoundRef.parse(event));
}

export const handler = onFirstCall(createPlan);
