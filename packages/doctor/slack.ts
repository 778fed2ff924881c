import { readFileSync } from "node:fs";
import type { Environment } from "../config/zones.ts";
import { PASSING } from "../notify/client.ts";
import { type Finding, good, passing, reachService, wrong } from "./finding.ts";

type Answer = { ok: boolean; error?: string; team?: string };

const neededScopes = (): string[] => {
  const file = new URL("../../slack/manifest.socket.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).oauth_config.scopes.bot;
};

/** With a slash behind it, whether its variable has one or not. */
export const slackApi = (env: Environment) => (env.SLACK_API_URL || "https://slack.com/api/").replace(/\/?$/, "/");

/** Who the tokens are, and whether the app has every scope of the manifest. */
export async function checkSlack(env: Environment): Promise<Finding[]> {
  const api = slackApi(env);
  const call = (method: string, token: string, check: (answer: Answer, headers: Headers) => Finding[]) =>
    reachService(
      "Slack",
      `${api}${method}`,
      { method: "POST", headers: { authorization: `Bearer ${token}` } },
      async (response) => {
        const answer = (await response.json()) as Answer;
        if (PASSING.includes(answer.error ?? "")) return [passing("Slack", `answers ${answer.error}`)];
        return check(answer, response.headers);
      },
    );
  const found = await Promise.all([
    env.SLACK_BOT_TOKEN
      ? call("auth.test", env.SLACK_BOT_TOKEN, (answer, headers) => {
          if (!answer.ok)
            return [
              wrong(
                "Slack",
                `Slack refuses SLACK_BOT_TOKEN: ${answer.error}.`,
                "Install the app again and copy its bot token.",
              ),
            ];
          const has = (headers.get("x-oauth-scopes") ?? "").split(",").map((scope) => scope.trim());
          const missing = neededScopes().filter((scope) => !has.includes(scope));
          return missing.length === 0
            ? [good("Slack", `SLACK_BOT_TOKEN belongs to ${answer.team ?? "a workspace"} and has every scope.`)]
            : [
                wrong(
                  "Slack",
                  `SLACK_BOT_TOKEN lacks ${missing.join(", ")}.`,
                  "Paste slack/manifest.socket.json (or manifest.http.json) into the app's manifest and install it again.",
                ),
              ];
        })
      : [],
    env.SLACK_APP_TOKEN
      ? call("apps.connections.open", env.SLACK_APP_TOKEN, (answer) =>
          answer.ok
            ? [good("Slack", "SLACK_APP_TOKEN opens Socket Mode.")]
            : [
                wrong(
                  "Slack",
                  `Slack refuses SLACK_APP_TOKEN: ${answer.error}.`,
                  "Make an app-level token with connections:write, and switch Socket Mode on.",
                ),
              ],
        )
      : [],
  ]);
  return found.flat();
}
