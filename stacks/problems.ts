import { deployedName, isSaid, secretName } from "../packages/config/deployed.ts";
import { isInline } from "../packages/config/people.ts";
import { malformed } from "../packages/config/read.ts";
import { whoStarts } from "../packages/config/rules.ts";
import { VARIABLES, type Variable } from "../packages/config/variables.ts";
import { WORK_SECONDS } from "../packages/pipeline/machine.ts";
import { said } from "./environment.ts";
import { sizeProblem } from "./fargate.ts";

/** The shortest limit of a name that ends in a stage's is 64 characters, of an EventBridge rule. */
const MAX_STAGE_CHARS = 30;
/** Lambda takes 4 KB of variables; these are the long ones of the function that has the most, which has others too. */
const MAX_VARIABLE_BYTES = 3_000;
const LONG = ["CODY_REPOS", "CODY_PEOPLE", "CODY_ADMINS", "CODY_CHANNELS", "GITHUB_APP_KEY"] as const;
/** The state machine stops a task then; the runner has to end, and store what it has, before that. */
const MAX_MINUTES = WORK_SECONDS / 60 - 10;

const set = (name: string) => `npx sst secret set ${name} VALUE --stage ${$app.stage}`;

const all = (Object.keys(VARIABLES) as Variable[]).filter(isSaid);
const environment = Object.fromEntries(all.map((name) => [name, said(name)]));
const has = (name: Variable) => Boolean(environment[name]);
const hasTokens = has("GITHUB_READ_TOKEN") || has("GITHUB_WRITE_TOKEN");
const hasApp = has("GITHUB_APP_ID") || has("GITHUB_APP_KEY");
const bytes = LONG.reduce((sum, name) => sum + Buffer.byteLength(environment[name] ?? ""), 0);

/** A secret that the zones cannot do without, whatever else is said. */
const missing = (["ANTHROPIC_API_KEY", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"] as const)
  .filter((name) => !has(name))
  .map((name) => `${secretName(name)} is missing (${VARIABLES[name].means}): ${set(secretName(name))}`);

/** Whatever would be refused by AWS in the middle of a deployment, or by a function or a task at its first event. */
const problems = [
  ...missing,
  ...malformed(environment).map(({ name, says }) => says.replace(name, deployedName(name))),
  !has("CODY_REPOS") && "CODY_REPOS is missing: name what Cody may touch, for example CODY_REPOS='acme/*,other/app'",
  !(has("GITHUB_READ_TOKEN") && has("GITHUB_WRITE_TOKEN")) &&
    !hasApp &&
    `A GitHub token is missing: ${set("GithubToken")}, or better GithubReadToken and GithubWriteToken, or a GitHub App: GITHUB_APP_ID and GithubAppKey`,
  has("GITHUB_APP_ID") !== has("GITHUB_APP_KEY") &&
    `A GitHub App needs both: the setting GITHUB_APP_ID and its key, ${set("GithubAppKey")}`,
  hasApp &&
    hasTokens &&
    `Choose the GitHub App or tokens: npx sst secret remove NAME --stage ${$app.stage} for GithubToken, GithubReadToken and GithubWriteToken`,
  !(Number(environment.CODY_MAX_MINUTES ?? 1) <= MAX_MINUTES) &&
    `CODY_MAX_MINUTES is a number of minutes, ${MAX_MINUTES} at most.`,
  has("CODY_PEOPLE") &&
    !isInline(environment.CODY_PEOPLE!) &&
    "CODY_PEOPLE is the JSON itself here: a file's path means nothing to a function.",
  ...whoStarts(environment),
  sizeProblem(
    environment.CODY_RUNNER_CPU ?? VARIABLES.CODY_RUNNER_CPU.default,
    environment.CODY_RUNNER_MEMORY ?? VARIABLES.CODY_RUNNER_MEMORY.default,
  ),
  $app.stage.length > MAX_STAGE_CHARS &&
    `The stage's name is longer than ${MAX_STAGE_CHARS} characters; names of resources end in it.`,
  bytes > MAX_VARIABLE_BYTES &&
    `CODY_REPOS, CODY_PEOPLE, CODY_ADMINS, CODY_CHANNELS and GithubAppKey have ${bytes} bytes together; Lambda leaves room for ${MAX_VARIABLE_BYTES}. Patterns such as acme/* are shorter.`,
].filter(Boolean);
if (problems.length > 0) throw new Error(`Nothing was deployed:\n- ${problems.join("\n- ")}\n`);
