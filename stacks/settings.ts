import { isAppKey } from "../packages/github/app-key.ts";
import { sizeProblem } from "./fargate.ts";

/** The one reader of the deploying person's environment. `sst secret set` values arrive as SST_SECRET_<Name>. */
const given = (name: string) => process.env[name]?.trim() || undefined;
const secret = (name: string) => given(`SST_SECRET_${name}`);

const repositories = given("CODY_REPOS");
const spendAlarmUsd = Number(given("CODY_SPEND_ALARM_USD") ?? 100);
const alarmEmail = given("CODY_ALARM_EMAIL");
const isPrivate = given("CODY_PRIVATE") ?? "0";
const doctor = given("CODY_DOCTOR") ?? "1";
const githubRead = secret("GithubReadToken") ?? secret("GithubToken");
const githubWrite = secret("GithubWriteToken") ?? secret("GithubToken");
const githubAppId = given("GITHUB_APP_ID");
const githubAppKey = secret("GithubAppKey");

const runnerCpu = given("CODY_RUNNER_CPU") ?? "1";
const runnerMemory = given("CODY_RUNNER_MEMORY") ?? "4";
/** The shortest limit of a name that ends in a stage's is 64 characters, of an EventBridge rule. */
const MAX_STAGE_CHARS = 30;
/** Lambda takes 4 KB of variables; these are the long ones of the function that has the most, which has others too. */
const MAX_VARIABLE_BYTES = 3_000;
const longVariables = ["CODY_REPOS", "CODY_PEOPLE", "CODY_ADMINS", "CODY_CHANNELS", "SST_SECRET_GithubAppKey"];
const variableBytes = longVariables.reduce((sum, name) => sum + Buffer.byteLength(given(name) ?? ""), 0);

const set = (name: string) => `npx sst secret set ${name} VALUE --stage ${$app.stage}`;
const problems = [
  repositories
    ? undefined
    : "CODY_REPOS is missing: name what Cody may touch, for example CODY_REPOS='acme/*,other/app'",
  secret("AnthropicApiKey") ? undefined : `The Claude key is missing: ${set("AnthropicApiKey")}`,
  secret("SlackBotToken")?.startsWith("xoxb-")
    ? undefined
    : `The Slack bot token (xoxb-...) is missing: ${set("SlackBotToken")}`,
  secret("SlackSigningSecret") ? undefined : `The Slack signing secret is missing: ${set("SlackSigningSecret")}`,
  (githubRead && githubWrite) || githubAppId || githubAppKey
    ? undefined
    : `A GitHub token is missing: ${set("GithubToken")}, or better GithubReadToken and GithubWriteToken, or a GitHub App: GITHUB_APP_ID and GithubAppKey`,
  Boolean(githubAppId) === Boolean(githubAppKey)
    ? undefined
    : `A GitHub App needs both: the setting GITHUB_APP_ID and its key, ${set("GithubAppKey")}`,
  (githubAppId || githubAppKey) && (githubRead || githubWrite)
    ? `Choose the GitHub App or tokens: npx sst secret remove NAME --stage ${$app.stage} for GithubToken, GithubReadToken and GithubWriteToken`
    : undefined,
  !githubAppKey || isAppKey(githubAppKey) ? undefined : "GithubAppKey is no RSA private key in PEM.",
  ["0", "1"].includes(isPrivate) ? undefined : "CODY_PRIVATE is 1 for private subnets, or not set.",
  ["0", "1"].includes(doctor) ? undefined : "CODY_DOCTOR is 0 to deploy without asking the services, or not set.",
  spendAlarmUsd > 0 ? undefined : "CODY_SPEND_ALARM_USD is a number of dollars per day, for example 100.",
  sizeProblem(runnerCpu, runnerMemory),
  $app.stage.length > MAX_STAGE_CHARS
    ? `The stage's name is longer than ${MAX_STAGE_CHARS} characters; names of resources end in it.`
    : undefined,
  variableBytes > MAX_VARIABLE_BYTES
    ? `CODY_REPOS, CODY_PEOPLE, CODY_ADMINS, CODY_CHANNELS and GithubAppKey have ${variableBytes} bytes together; Lambda leaves room for ${MAX_VARIABLE_BYTES}. Patterns such as acme/* are shorter.`
    : undefined,
  !alarmEmail || /^\S+@\S+$/.test(alarmEmail) ? undefined : "CODY_ALARM_EMAIL is not an e-mail address.",
].filter((problem) => problem !== undefined);
if (problems.length > 0) throw new Error(`Nothing was deployed:\n- ${problems.join("\n- ")}\n`);

/** Not secret. An undefined one is left out of the environment of every function and task. */
export const settings = {
  repositories: repositories!,
  model: given("CODY_MODEL"),
  /** Slack user ids, with commas between them. */
  admins: given("CODY_ADMINS"),
  /** Slack channel ids, with commas between them. */
  channels: given("CODY_CHANNELS"),
  /** JSON of Slack user ids to GitHub logins. */
  people: given("CODY_PEOPLE"),
  /** With it no token is stored anywhere: functions make them. */
  githubAppId,
  githubApiUrl: given("GITHUB_API_URL"),
  githubServerUrl: given("GITHUB_SERVER_URL"),
  anthropicBaseUrl: given("ANTHROPIC_BASE_URL"),
  maxTurns: given("CODY_MAX_TURNS"),
  maxMinutes: given("CODY_MAX_MINUTES"),
  commandSeconds: given("CODY_COMMAND_SECONDS"),
  /** Tasks in private subnets behind a NAT gateway, which costs about $37 a month. */
  isPrivate: isPrivate === "1",
  /** Of the Work task: what the repositories' own tests need. */
  runnerSize: { cpu: `${runnerCpu} vCPU`, memory: `${runnerMemory} GB` } as Pick<sst.aws.TaskArgs, "cpu" | "memory">,
  /** An image of your own with more toolchains, built from ours: docs/deploy.md. */
  runnerImage: given("CODY_RUNNER_IMAGE"),
  alarmEmail,
  spendAlarmUsd,
  /** 0: where the deploying machine reaches AWS only, or not all the services at once. */
  asksDoctor: doctor === "1",
};

const proxies = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "NODE_USE_ENV_PROXY", "NODE_EXTRA_CA_CERTS"];
/** As `npm run doctor` reads it, in plain text: it goes to that process and nowhere else. */
export const entered = Object.fromEntries(
  Object.entries({
    ANTHROPIC_API_KEY: secret("AnthropicApiKey"),
    ANTHROPIC_BASE_URL: settings.anthropicBaseUrl,
    CODY_MODEL: settings.model,
    CODY_REPOS: repositories,
    CODY_SIGNING_KEY: secret("SigningKey"),
    GITHUB_API_URL: settings.githubApiUrl,
    GITHUB_APP_ID: githubAppId,
    GITHUB_APP_KEY: githubAppKey,
    GITHUB_READ_TOKEN: githubRead,
    GITHUB_WRITE_TOKEN: githubWrite,
    SLACK_API_URL: given("SLACK_API_URL"),
    SLACK_BOT_TOKEN: secret("SlackBotToken"),
    ...Object.fromEntries(proxies.map((name) => [name, given(name)])),
  }).filter((entry): entry is [string, string] => entry[1] !== undefined),
);

const stored = (name: string) => (secret(name) ? new sst.Secret(name).value : undefined);
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
