import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { issueToRead } from "../packages/github/issue.ts";
import { openGitHubApp } from "../packages/github/reading.ts";
import { RunRef } from "../packages/jobs/execution.ts";
import { issueToken } from "../packages/pipeline/issue-token.ts";
import { openStore } from "../packages/store/open.ts";

/**
 * A token of the GitHub App for one repository, for reading: Work alone may ask, and no task ever sees the App's key.
 */
export function createReadToken(environment: Environment) {
  const config = readConfig("read-token", environment);
  const deps = { ...openStore(config), mint: issueToRead(openGitHubApp(config, { log: console.warn })) };
  return async (event: unknown) => issueToken(deps, "work", RunRef.parse(event));
}

export const handler = onFirstCall(createReadToken);
