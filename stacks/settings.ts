import { secret, setting } from "./environment.ts";

export const runner = { cpu: setting("CODY_RUNNER_CPU") ?? "1", memory: setting("CODY_RUNNER_MEMORY") ?? "4" };

/** Not secret. An undefined one is left out of the environment of every function and task. */
export const settings = {
  repositories: setting("CODY_REPOS")!,
  model: setting("CODY_MODEL"),
  /** Slack user ids, with commas between them. */
  admins: setting("CODY_ADMINS"),
  /** Slack channel ids, with commas between them. */
  channels: setting("CODY_CHANNELS"),
  /** JSON of Slack user ids to GitHub logins. */
  people: setting("CODY_PEOPLE"),
  /** With it no token is stored anywhere: functions make them. */
  githubAppId: setting("GITHUB_APP_ID"),
  githubApiUrl: setting("GITHUB_API_URL"),
  githubServerUrl: setting("GITHUB_SERVER_URL"),
  anthropicBaseUrl: setting("ANTHROPIC_BASE_URL"),
  maxTurns: setting("CODY_MAX_TURNS"),
  maxMinutes: setting("CODY_MAX_MINUTES"),
  commandSeconds: setting("CODY_COMMAND_SECONDS"),
  privateHosts: setting("CODY_PRIVATE_HOSTS"),
  /** Tasks in private subnets behind a NAT gateway, which costs about $37 a month. */
  isPrivate: setting("CODY_PRIVATE") === "1",
  /** Of the Work task: what the repositories' own tests need. */
  runnerSize: { cpu: `${runner.cpu} vCPU`, memory: `${runner.memory} GB` } as Pick<sst.aws.TaskArgs, "cpu" | "memory">,
  /** An image of your own with more toolchains, built from ours: docs/deploy.md. */
  runnerImage: setting("CODY_RUNNER_IMAGE"),
  alarmEmail: setting("CODY_ALARM_EMAIL"),
  spendAlarmUsd: Number(setting("CODY_SPEND_ALARM_USD") ?? 100),
  /** 0: where the deploying machine reaches AWS only, or not all the services at once. */
  asksDoctor: setting("CODY_DOCTOR") !== "0",
};

const proxies = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "NODE_USE_ENV_PROXY", "NODE_EXTRA_CA_CERTS"];
/** As `npm run doctor` reads it, in plain text: it goes to that process and nowhere else. */
export const entered = Object.fromEntries(
  Object.entries({
    ANTHROPIC_API_KEY: secret("AnthropicApiKey"),
    ANTHROPIC_BASE_URL: settings.anthropicBaseUrl,
    CODY_MODEL: settings.model,
    CODY_REPOS: settings.repositories,
    CODY_SIGNING_KEY: secret("SigningKey"),
    GITHUB_API_URL: settings.githubApiUrl,
    GITHUB_APP_ID: settings.githubAppId,
    GITHUB_APP_KEY: secret("GithubAppKey"),
    GITHUB_READ_TOKEN: secret("GithubReadToken") ?? secret("GithubToken"),
    GITHUB_WRITE_TOKEN: secret("GithubWriteToken") ?? secret("GithubToken"),
    SLACK_API_URL: setting("SLACK_API_URL"),
    SLACK_BOT_TOKEN: secret("SlackBotToken"),
    ...Object.fromEntries(proxies.map((name) => [name, setting(name)])),
  }).filter((entry): entry is [string, string] => entry[1] !== undefined),
);

/** A file that was read into `sst secret set` ends in a line end, which no header takes. */
const stored = (name: string) => (secret(name) ? new sst.Secret(name).value.apply((value) => value.trim()) : undefined);
const github = stored("GithubToken");

/** Marked as secret wherever they go: Pulumi's state keeps them encrypted. */
export const secrets = {
  anthropicApiKey: stored("AnthropicApiKey")!,
  /** Tokens or an App's key: what is not used is undefined. */
  githubRead: stored("GithubReadToken") ?? github,
  githubWrite: stored("GithubWriteToken") ?? github,
  githubAppKey: stored("GithubAppKey"),
  slackBotToken: stored("SlackBotToken")!,
  slackSigningSecret: stored("SlackSigningSecret")!,
  /** SSH private key that signs commits; optional. */
  signingKey: stored("SigningKey"),
};
