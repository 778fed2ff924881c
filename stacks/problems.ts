import { isAppKey } from "../packages/github/app-key.ts";
import { parsePatterns } from "../packages/github/patterns.ts";
import { WORK_SECONDS } from "../packages/pipeline/machine.ts";
import { parsePrivateHosts } from "../packages/sandbox/proxy/destinations.ts";
import { secret, setting } from "./environment.ts";
import { sizeProblem } from "./fargate.ts";
import { runner, settings } from "./settings.ts";

/** The shortest limit of a name that ends in a stage's is 64 characters, of an EventBridge rule. */
const MAX_STAGE_CHARS = 30;
/** Lambda takes 4 KB of variables; these are the long ones of the function that has the most, which has others too. */
const MAX_VARIABLE_BYTES = 3_000;
const LONG = ["CODY_REPOS", "CODY_PEOPLE", "CODY_ADMINS", "CODY_CHANNELS", "SST_SECRET_GithubAppKey"];
/** The state machine stops a task then; the runner has to end, and store what it has, before that. */
const MAX_MINUTES = WORK_SECONDS / 60 - 10;

const githubRead = secret("GithubReadToken") ?? secret("GithubToken");
const githubWrite = secret("GithubWriteToken") ?? secret("GithubToken");
const { githubAppId, alarmEmail } = settings;
const githubAppKey = secret("GithubAppKey");
const variableBytes = LONG.reduce((sum, name) => sum + Buffer.byteLength(setting(name) ?? ""), 0);
const set = (name: string) => `npx sst secret set ${name} VALUE --stage ${$app.stage}`;

/** undefined: there is none. */
type Problem = string | undefined;

const unless = (holds: boolean, says: string): Problem => (holds ? undefined : says);
const isFlag = (name: string) => ["0", "1"].includes(setting(name) ?? "0");
const isNumber = (name: string, most = Number.MAX_SAFE_INTEGER) => {
  const number = Number(setting(name) ?? 1);
  return number > 0 && number <= most;
};

function repositoriesProblem(): Problem {
  const patterns = setting("CODY_REPOS");
  if (!patterns) return "CODY_REPOS is missing: name what Cody may touch, for example CODY_REPOS='acme/*,other/app'";
  try {
    parsePatterns(patterns);
  } catch (error) {
    return (error as Error).message;
  }
}

function hostsProblem(hosts: string | undefined): Problem {
  try {
    parsePrivateHosts(hosts ?? "");
  } catch (error) {
    return `CODY_PRIVATE_HOSTS: ${(error as Error).message}`;
  }
}

function isPeople(text: string): boolean {
  try {
    const people = Object.entries(JSON.parse(text));
    return people.every(([id, login]) => /^[UW][A-Z0-9]+$/.test(id) && typeof login === "string");
  } catch {
    return false;
  }
}

/** Whatever would be refused by AWS in the middle of a deployment, or by a function or a task at its first event. */
const problems: Problem[] = [
  repositoriesProblem(),
  unless(Boolean(secret("AnthropicApiKey")), `The Claude key is missing: ${set("AnthropicApiKey")}`),
  unless(
    Boolean(secret("SlackBotToken")?.startsWith("xoxb-")),
    `The Slack bot token (xoxb-...) is missing: ${set("SlackBotToken")}`,
  ),
  unless(Boolean(secret("SlackSigningSecret")), `The Slack signing secret is missing: ${set("SlackSigningSecret")}`),
  unless(
    Boolean((githubRead && githubWrite) || githubAppId || githubAppKey),
    `A GitHub token is missing: ${set("GithubToken")}, or better GithubReadToken and GithubWriteToken, or a GitHub App: GITHUB_APP_ID and GithubAppKey`,
  ),
  unless(
    Boolean(githubAppId) === Boolean(githubAppKey),
    `A GitHub App needs both: the setting GITHUB_APP_ID and its key, ${set("GithubAppKey")}`,
  ),
  unless(
    !((githubAppId || githubAppKey) && (githubRead || githubWrite)),
    `Choose the GitHub App or tokens: npx sst secret remove NAME --stage ${$app.stage} for GithubToken, GithubReadToken and GithubWriteToken`,
  ),
  unless(!githubAppKey || isAppKey(githubAppKey), "GithubAppKey is no RSA private key in PEM."),
  unless(isFlag("CODY_PRIVATE"), "CODY_PRIVATE is 1 for private subnets, or not set."),
  unless(isFlag("CODY_DOCTOR"), "CODY_DOCTOR is 0 to deploy without asking the services, or not set."),
  unless(isNumber("CODY_SPEND_ALARM_USD"), "CODY_SPEND_ALARM_USD is a number of dollars per day, for example 100."),
  unless(
    Number.isInteger(Number(setting("CODY_MAX_TURNS") ?? 1)) && isNumber("CODY_MAX_TURNS"),
    "CODY_MAX_TURNS is a number of turns.",
  ),
  unless(isNumber("CODY_MAX_MINUTES", MAX_MINUTES), `CODY_MAX_MINUTES is a number of minutes, ${MAX_MINUTES} at most.`),
  unless(isNumber("CODY_COMMAND_SECONDS"), "CODY_COMMAND_SECONDS is a number of seconds."),
  hostsProblem(settings.privateHosts),
  unless(
    isPeople(settings.people ?? "{}"),
    `CODY_PEOPLE is JSON of Slack user ids to GitHub logins, '{"U012AB3CD":"octocat"}': a file's path means nothing to a function.`,
  ),
  ...["ANTHROPIC_BASE_URL", "GITHUB_API_URL", "GITHUB_SERVER_URL"].map((name) =>
    unless(/^https?:\/\/[^/\s]/.test(setting(name) ?? "https://x"), `${name} is an https address.`),
  ),
  sizeProblem(runner.cpu, runner.memory),
  unless(
    $app.stage.length <= MAX_STAGE_CHARS,
    `The stage's name is longer than ${MAX_STAGE_CHARS} characters; names of resources end in it.`,
  ),
  unless(
    variableBytes <= MAX_VARIABLE_BYTES,
    `CODY_REPOS, CODY_PEOPLE, CODY_ADMINS, CODY_CHANNELS and GithubAppKey have ${variableBytes} bytes together; Lambda leaves room for ${MAX_VARIABLE_BYTES}. Patterns such as acme/* are shorter.`,
  ),
  unless(!alarmEmail || /^\S+@\S+$/.test(alarmEmail), "CODY_ALARM_EMAIL is not an e-mail address."),
];
const found = problems.filter((problem) => problem !== undefined);
if (found.length > 0) throw new Error(`Nothing was deployed:\n- ${found.join("\n- ")}\n`);
