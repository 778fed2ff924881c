import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { isSaid, isSecret, pascalCase, resourceName, secretName } from "../../packages/config/deployed.ts";
import { readConfig, variablesOf } from "../../packages/config/read.ts";
import { VARIABLES, type Variable } from "../../packages/config/variables.ts";
import { FUNCTIONS, type FunctionZone, TASKS, type TaskZone } from "../../packages/config/zones.ts";
import { APP, PRIVATE, PRODUCTION } from "./synth/deployments.ts";
import { all, containerOf, environmentOf, machineOf, one, open } from "./synth/query.ts";
import { ROOT, type Synthesis, synthesise } from "./synth/synthesise.ts";

let least: Synthesis;
let most: Synthesis;
let app: Synthesis;
beforeAll(async () => {
  [least, most, app] = (await Promise.all([PRODUCTION, PRIVATE, APP].map(synthesise))) as [
    Synthesis,
    Synthesis,
    Synthesis,
  ];
}, 120_000);

/** What Lambda itself puts there. */
const FROM_AWS = { AWS_REGION: "r", AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "S", AWS_SESSION_TOKEN: "T" };

/** Deployed with a GitHub App only. */
const isIssuer = (zone: FunctionZone) => zone.endsWith("-token");
const deploymentsOf = (zone: FunctionZone) => (isIssuer(zone) ? [app] : [least, most, app]);
const setByStack = (names: Variable[]) => names.filter((name) => isSaid(name) || onAws(name) === "stack");
const onAws = (name: Variable) => (VARIABLES[name] as { onAws?: string }).onAws;

describe("variables of the functions", () => {
  it.each(FUNCTIONS)("%s gets what its zone reads and nothing else, and is content with the least", (zone) => {
    const environments = deploymentsOf(zone).map((synthesis) => environmentOf(synthesis, resourceName(zone)));
    for (const environment of environments)
      expect(() => readConfig(zone, { ...FROM_AWS, ...environment })).not.toThrow();
    const set = [...new Set(environments.flatMap((environment) => Object.keys(environment)))];
    expect(set.toSorted()).toEqual(setByStack(variablesOf(zone)).toSorted());
  });

  it("fit into Lambda's 4 KB: 3,000 bytes for what the deploying person says at length, the rest is short", () => {
    const long = ["CODY_REPOS", "CODY_PEOPLE", "CODY_ADMINS", "CODY_CHANNELS", "GITHUB_APP_KEY"];
    for (const [deployed, title] of [most, app].flatMap((it) =>
      all(it, "lambda/function:Function").map(({ name }) => [it, name] as const),
    )) {
      const { variables } = open<{ variables: unknown }>(one(deployed, "lambda/function:Function", title).environment);
      const bytes = Object.entries(open<Record<string, unknown>>(variables))
        .filter(([name]) => !long.includes(name))
        .reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(String(open(value))), 0);
      // Real tokens and physical names are longer than these, by some 300 bytes together.
      expect(bytes, title).toBeLessThan(4_096 - 3_000 - 300);
    }
  });
});

it("what the deploying person may say stands in docs/deploy.md, every setting and every secret, and nothing else", () => {
  const guide = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const named = (pattern: RegExp) => [...new Set([...guide.matchAll(pattern)].map(([, name]) => name!))];
  const said = (Object.keys(VARIABLES) as Variable[]).filter(isSaid);
  const inGuide = named(/`((?:CODY|GITHUB|ANTHROPIC)_[A-Z_]+)(?:=[01])?`/g);
  // For one machine; deployed it is the secret GithubAppKey.
  expect(inGuide.filter((name) => name !== "GITHUB_APP_KEY").toSorted()).toEqual(
    said.filter((name) => !isSecret(name)).toSorted(),
  );
  const secrets = [...said.filter(isSecret), "GITHUB_TOKEN"].map(secretName);
  for (const name of secrets) expect(guide, name).toMatch(new RegExp(`\\b${name}\\b`));
  expect(named(/sst secret set (\w+)/g).filter((name) => name !== "NAME" && !secrets.includes(name))).toEqual([]);
});

/** Secrets that are more than a token. */
const IN_THEIR_FORM: Record<string, string> = {
  CODY_SIGNING_KEY: `-----BEGIN OPENSSH PRIVATE ${"KEY-----"}`,
  CODY_REGISTRY_CREDENTIALS: "acme=secret-token",
};

describe("variables of the tasks", () => {
  function environmentOfTask(synthesis: Synthesis, zone: TaskZone): Record<string, string> {
    const title = pascalCase(zone);
    const { environment, secrets } = containerOf(synthesis, title);
    const { ContainerOverrides } = machineOf(synthesis).States.Runs.ItemProcessor.States[title].Parameters.Overrides;
    const run: Record<string, string> = {
      CODY_JOB: "j0123456789abcdef",
      CODY_ROUND: "1",
      CODY_REPOSITORY: "acme/orders",
    };
    const overridden = (ContainerOverrides[0].Environment as { Name: string }[]).map(({ Name }) => [Name, run[Name]!]);
    return Object.fromEntries([
      ...environment.filter(({ name }) => !name.startsWith("SST_")).map(({ name, value }) => [name, value]),
      ...secrets.map(({ name }) => [name, IN_THEIR_FORM[name] ?? `secret-${name}`]),
      ...overridden,
    ]);
  }

  it.each(TASKS)("%s gets what its zone reads and nothing else, and is content with the least", (zone) => {
    const environments = [least, most, app].map((synthesis) => environmentOfTask(synthesis, zone));
    for (const environment of environments) expect(() => readConfig(zone, environment)).not.toThrow();
    const set = [...new Set(environments.flatMap((environment) => Object.keys(environment)))];
    const run = ["AWS_REGION", "CODY_JOB", "CODY_ROUND", "CODY_REPOSITORY"];
    expect(set.toSorted()).toEqual([...setByStack(variablesOf(zone)), ...run].toSorted());
  });

  it.each(TASKS)("%s has its secrets as parameters: none stands in its definition", (zone) => {
    const { environment } = containerOf(most, pascalCase(zone));
    expect(environment.filter(({ name }) => name in VARIABLES && isSecret(name as Variable))).toEqual([]);
  });

  it.each(TASKS)("%s asks a function for its token when there is a GitHub App, and holds none", (zone) => {
    const environment = environmentOfTask(app, zone);
    expect(Object.keys(environment).filter((name) => /TOKEN|APP/.test(name))).toEqual(["CODY_TOKEN_FUNCTION"]);
    expect(JSON.stringify(environment)).not.toContain("PRIVATE KEY");
  });
});
