import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { entered, settings } from "./settings.ts";

/** A variable of the doctor, and the secret that the deploying person knows it by. */
const SECRETS: Record<string, string> = {
  ANTHROPIC_API_KEY: "AnthropicApiKey",
  SLACK_BOT_TOKEN: "SlackBotToken",
  GITHUB_READ_TOKEN: "GithubReadToken (or GithubToken)",
  GITHUB_WRITE_TOKEN: "GithubWriteToken (or GithubToken)",
  GITHUB_APP_KEY: "GithubAppKey",
  CODY_SIGNING_KEY: "SigningKey",
};

/** What the tokens really open is asked before anything is made; by the repository's own Node, as the tests have run it. */
if (settings.asksDoctor) {
  const { stdout, stderr, status } = spawnSync(
    join($cli.paths.root, "node_modules/.bin/node"),
    ["packages/doctor/doctor.ts"],
    { cwd: $cli.paths.root, env: { PATH: process.env.PATH, ...entered }, encoding: "utf8" },
  );
  const said = Object.entries(SECRETS).reduce(
    (text, [variable, secret]) => text.replaceAll(variable, secret),
    `${stdout}${stderr}`,
  );
  if (status !== 0)
    throw new Error(`Nothing was deployed (CODY_DOCTOR=0 deploys without asking the services):\n${said}\n`);
  console.log(said);
}
