import { lambda } from "./function.ts";
import { secrets, settings } from "./settings.ts";
import { rows, store } from "./storage.ts";

const app = { GITHUB_APP_ID: settings.githubAppId, GITHUB_APP_KEY: secrets.githubAppKey };

/** With which plan and Slack look at repositories: the read token, or the App. */
export const githubReading = {
  GITHUB_API_URL: settings.githubApiUrl,
  GITHUB_READ_TOKEN: secrets.githubRead,
  ...app,
};

/** With a GitHub App: each lends one task a token for its own repository, after a look at the row. No task holds the key. */
export const lenders = settings.githubAppId
  ? { read: lender("ReadToken", "read-token"), write: lender("WriteToken", "write-token") }
  : undefined;

function lender(name: string, entry: string) {
  return lambda(name, {
    entry,
    environment: { ...store, GITHUB_API_URL: settings.githubApiUrl, ...app },
    permissions: [rows("Query")],
  });
}
