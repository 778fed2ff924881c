import { z } from "zod";
import { appRefusalOf, READING, WRITING, WRITING_CI } from "../packages/github/app.ts";
import { RunRef, type TokenAnswer } from "../packages/jobs/execution.ts";
import type { JobOptions } from "../packages/jobs/job.ts";
import { type Lending, lendToken } from "../packages/pipeline/lend-token.ts";
import { openStore } from "./clients.ts";
import { GitHubAppKey, readConfig, Table, Url } from "./config.ts";
import { openGitHubApp } from "./github.ts";
import type { Environment } from "./on-first-call.ts";

export const variables = z.object({ ...Table.shape, ...GitHubAppKey.shape, GITHUB_API_URL: Url.optional() });

/**
 * A task's token, from the GitHub App's key that no task ever sees. The event is a run's identity; the answer is for
 * the task that asked and is kept nowhere.
 */
export function createLend(lending: Lending, environment: Environment) {
  const config = readConfig(variables, environment);
  const app = openGitHubApp(config);
  async function mint(repository: string, { mayChangeCi = false }: JobOptions): Promise<TokenAnswer> {
    try {
      if (lending === "work") return { ok: true, ...(await app.tokenFor(repository, READING)) };
      return {
        ok: true,
        ...(await app.tokenFor(repository, mayChangeCi ? WRITING_CI : WRITING)),
        login: await app.login(),
      };
    } catch (error) {
      const reason = appRefusalOf(error, repository);
      if (!reason) throw error;
      return { ok: false, reason };
    }
  }
  const deps = { ...openStore(config), mint };
  return async (event: unknown) => lendToken(deps, lending, RunRef.parse(event));
}
