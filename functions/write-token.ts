import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { issueToWrite } from "../packages/github/issue.ts";
import { openGitHubApp } from "../packages/github/reading.ts";
import { RunRef } from "../packages/jobs/execution.ts";
import { issueToken } from "../packages/pipeline/issue-token.ts";
import { openStore } from "../packages/store/open.ts";

/** A token of the GitHub App for one repository, to push and to open a pull request: Publish alone may ask. */
export function createWriteToken(environment: Environment) {
  const config = readConfig("write-token", environment);
  const deps = { ...openStore(config), mint: issueToWrite(openGitHubApp(config, { log: console.warn })) };
  return async (event: unknown) => issueToken(deps, "publish", RunRef.parse(event));
}

export const handler = onFirstCall(createWriteToken);
