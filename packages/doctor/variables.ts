import { isAppKey } from "../github/app-key.ts";
import { parsePatterns } from "../github/patterns.ts";
import { parsePrivateHosts } from "../sandbox/proxy/destinations.ts";
import { type Environment, type Finding, warning, wrong } from "./finding.ts";

const has = (env: Environment, ...names: string[]) => names.some((name) => Boolean(env[name]));

/** What the variables say against each other on one machine; a deployment sets its own. */
export const pairProblems = (env: Environment): string[] =>
  [
    has(env, "SLACK_BOT_TOKEN") !== has(env, "SLACK_APP_TOKEN") &&
      "Set both SLACK_BOT_TOKEN and SLACK_APP_TOKEN for a real workspace, or neither for the stand-in.",
    !has(env, "GITHUB_TOKEN") &&
      has(env, "GITHUB_READ_TOKEN") !== has(env, "GITHUB_WRITE_TOKEN") &&
      "Set both GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN (or GITHUB_TOKEN for both), or none for the stand-in.",
    has(env, "GITHUB_APP_ID") !== has(env, "GITHUB_APP_KEY") &&
      "Set both GITHUB_APP_ID and GITHUB_APP_KEY for a GitHub App, or neither.",
    has(env, "GITHUB_APP_ID") &&
      has(env, "GITHUB_TOKEN", "GITHUB_READ_TOKEN", "GITHUB_WRITE_TOKEN") &&
      "Set a GitHub App or GitHub tokens, not both: unset GITHUB_TOKEN, GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN.",
    has(env, "CODY_TABLE", "CODY_BUCKET", "CODY_STATE_MACHINE_ARN") &&
      "Unset CODY_TABLE, CODY_BUCKET and CODY_STATE_MACHINE_ARN: on one machine the AWS services are always stand-ins.",
  ].filter((problem) => problem !== false);

type Form = { pattern: { test(value: string): boolean }; says: string };
const FORMS: Record<string, Form> = {
  GITHUB_APP_ID: { pattern: /^(?:\d+|Iv\w[\w.]+)$/, says: "is the number or the client id of a GitHub App" },
  GITHUB_APP_KEY: {
    pattern: { test: isAppKey },
    says: "is an RSA private key in PEM, as GitHub gives it; `\\n` may stand for line ends",
  },
  SLACK_BOT_TOKEN: { pattern: /^xoxb-\S+$/, says: "is a bot token and starts with xoxb-" },
  SLACK_APP_TOKEN: { pattern: /^xapp-\S+$/, says: "is an app-level token and starts with xapp-" },
  CODY_STATE_MACHINE_ARN: {
    pattern: /^arn:aws[\w-]*:states:[^:]+:\d{12}:stateMachine:[^:]+$/,
    says: "is a state machine's ARN",
  },
  /** The stand-ins take the five next to it as well. */
  CODY_PORT: { pattern: wholeUpTo(65_530), says: "is the number of a port" },
  CODY_MAX_TURNS: { pattern: wholeUpTo(Infinity), says: "is a number of turns" },
  CODY_MAX_MINUTES: { pattern: { test: isAmount }, says: "is a number of minutes" },
  CODY_COMMAND_SECONDS: { pattern: { test: isAmount }, says: "is a number of seconds" },
  CODY_PRIVATE_HOSTS: { pattern: { test: areHosts }, says: "is a list of hosts, each host or host:port" },
  CODY_UNSAFE_COMMANDS: { pattern: /^[01]$/, says: "is 1, 0 or empty" },
  CODY_SIGNING_KEY: {
    pattern: /^-----BEGIN OPENSSH PRIVATE KEY-----/,
    says: "is an SSH private key in OpenSSH format, with its first and last line",
  },
};
function wholeUpTo(most: number) {
  return { test: (value: string) => /^[1-9]\d*$/.test(value) && Number(value) <= most };
}
function areHosts(value: string) {
  try {
    return parsePrivateHosts(value).length > 0;
  } catch {
    return false;
  }
}
function isAmount(value: string) {
  return Number(value) > 0;
}

const URLS = ["SLACK_API_URL", "GITHUB_API_URL", "GITHUB_SERVER_URL", "ANTHROPIC_BASE_URL"];
const TOKENS = [
  "SLACK_BOT_TOKEN",
  "SLACK_APP_TOKEN",
  "GITHUB_TOKEN",
  "GITHUB_READ_TOKEN",
  "GITHUB_WRITE_TOKEN",
  "ANTHROPIC_API_KEY",
];

/** Everything that can be seen without asking anybody. A value is never repeated. */
export function checkVariables(env: Environment): Finding[] {
  const given = Object.entries(env).filter(([, value]) => Boolean(value)) as [string, string][];
  return [
    ...given.flatMap(([name, value]): Finding[] => {
      const form = FORMS[name];
      if (form && !form.pattern.test(value))
        return [wrong(name, `${name} ${form.says}; what is set is not.`, `Set ${name} again, or unset it.`)];
      if (URLS.includes(name) && !(URL.canParse(value) && /^https?:/.test(value)))
        return [wrong(name, `${name} is no http or https address.`, `Set ${name} again, or unset it.`)];
      if (TOKENS.includes(name) && /\s/.test(value))
        return [wrong(name, `${name} has a space or a line end in it.`, "Copy it again, without quotes and spaces.")];
      return [];
    }),
    ...checkPatterns(env.CODY_REPOS),
    ...(env.GITHUB_TOKEN && !env.GITHUB_READ_TOKEN
      ? [
          warning(
            "GITHUB_TOKEN",
            "One GitHub token reads and writes, so the one that the model's zone holds can write.",
            "Set GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN instead.",
          ),
        ]
      : []),
  ];
}

function checkPatterns(text = ""): Finding[] {
  try {
    parsePatterns(text);
    return [];
  } catch (error) {
    return [wrong("CODY_REPOS", `CODY_REPOS: ${(error as Error).message}`, "Write it like acme/*,other/app.")];
  }
}
