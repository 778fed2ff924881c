import type { Environment } from "../config/zones.ts";
import { checkAws } from "./aws.ts";
import { checkClaude } from "./claude.ts";
import type { Finding } from "./finding.ts";
import { checkGitHub } from "./github.ts";
import { checkGitHubApp } from "./github-app.ts";
import { checkSlack } from "./slack.ts";
import { checkSlackIds } from "./slack-ids.ts";
import { checkVariables } from "./variables.ts";

/** Asks every real service that the variables name, all at once; one with a malformed variable is not asked. */
export async function examine(env: Environment, own: Parameters<typeof checkVariables>[1] = {}): Promise<Finding[]> {
  const seen = checkVariables(env, own);
  const asks = (...names: string[]) =>
    names.some((name) => env[name]) && !seen.some(({ about, verdict }) => verdict === "wrong" && names.includes(about));
  const asked = await Promise.all([
    asks("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL") ? checkSlack(env) : [],
    env.SLACK_BOT_TOKEN && asks("SLACK_BOT_TOKEN", "SLACK_API_URL", "CODY_ADMINS", "CODY_CHANNELS", "CODY_PEOPLE")
      ? checkSlackIds(env)
      : [],
    asks("GITHUB_TOKEN", "GITHUB_READ_TOKEN", "GITHUB_WRITE_TOKEN", "GITHUB_API_URL") ? checkGitHub(env) : [],
    env.GITHUB_APP_ID && env.GITHUB_APP_KEY && asks("GITHUB_APP_ID", "GITHUB_APP_KEY", "GITHUB_API_URL", "CODY_REPOS")
      ? checkGitHubApp(env)
      : [],
    env.ANTHROPIC_API_KEY && asks("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL") ? checkClaude(env) : [],
    asks("CODY_TABLE", "CODY_BUCKET", "CODY_STATE_MACHINE_ARN") ? checkAws(env) : [],
  ]);
  return [...seen, ...asked.flat()];
}

const MARK = { good: "ok  ", warning: "warn", wrong: "BAD " };

export const reportLines = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ verdict, says, fix }) => [`${MARK[verdict]} ${says}`, ...(fix ? [`       ${fix}`] : [])]);
