import { pairProblems } from "../config/rules.ts";
import { VARIABLES } from "../config/variables.ts";
import type { Environment } from "../config/zones.ts";
import { listed } from "../text/lists.ts";
import { type Finding, good, wrong } from "./finding.ts";

/** What is not set is no fault: `variables` make the service real. */
const SERVICES = [
  { name: "Slack", variables: ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"] },
  { name: "GitHub", variables: ["GITHUB_TOKEN", "GITHUB_READ_TOKEN", "GITHUB_WRITE_TOKEN", "GITHUB_APP_ID"] },
  { name: "Claude", variables: ["ANTHROPIC_API_KEY"] },
] as const;

/** On one machine: its programs, halves of what belongs together, and what stands in for a service. */
export function checkMachine(env: Environment, versions: { node: string; git: string | undefined }): Finding[] {
  const set = Object.keys(VARIABLES).filter((name) => env[name] && !name.startsWith("AWS_"));
  const isDeployed = Boolean(env.CODY_STATE_MACHINE_ARN);
  const standIns = SERVICES.filter(({ variables }) => !variables.some((name) => env[name]));
  return [
    versions.git
      ? good("git", `Node ${versions.node} and git ${versions.git} are here.`)
      : wrong("git", "git is not installed, or not on the PATH.", "Install it."),
    ...(set.length > 0 ? [good("variables", `Set and read by Cody: ${listed(set)}.`)] : []),
    ...(isDeployed ? [] : pairProblems(env).map((says) => wrong("variables", says, "See .env.example."))),
    ...(isDeployed ? [] : standIns.map(({ name, variables: [first] }) => standIn(name, first))),
  ];
}

const standIn = (name: string, variable: string) =>
  good(name, `${name} is a stand-in on this machine; ${variable} makes it real.`);
