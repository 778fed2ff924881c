import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readPublishConfig, readWorkConfig } from "../../containers/runner/config.ts";
import { Aws, readConfig } from "../../functions/config.ts";
import * as slackDeps from "../../functions/slack-deps.ts";
import { readSlackConfig } from "../../slack/config.ts";
import { functionEntries, functionTitle } from "../../stacks/bundle.ts";
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

/** What Lambda and Fargate themselves put there. */
const FROM_AWS = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "A",
  AWS_SECRET_ACCESS_KEY: "S",
  AWS_SESSION_TOKEN: "T",
};

/** Read by a door and never set in AWS, each for its reason. */
const NEVER_DEPLOYED = [
  "GITHUB_TOKEN", // the stacks give each zone the token of its own name
  "SLACK_APP_TOKEN", // Socket Mode: one machine only
  "SLACK_API_URL", // stand-ins only
  "CODY_UNSAFE_COMMANDS", // the owner of one machine may say so; on Fargate there is a sandbox
];

/** Deployed with a GitHub App only. */
const isLender = (entry: string) => entry.endsWith("-token");
const setFor = (entry: string) =>
  Object.assign({}, ...(isLender(entry) ? [app] : [most, app]).map((one) => environmentOf(one, functionTitle(entry))));
const inSource = (file: string) => [
  ...new Set(
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/^ {2}([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+):/gm)].map(
      ([, name]) => name!,
    ),
  ),
];

async function readBy(entry: string): Promise<string[]> {
  if (entry === "slack") return [...Object.keys(slackDeps.variables.shape), ...inSource("slack/config.ts")];
  const { variables } = await import(join(ROOT, `functions/${entry}.ts`));
  return Object.keys(variables.shape);
}

describe("variables of the functions", () => {
  it.each(functionEntries())("%s reads exactly what its stack sets", async (entry) => {
    const known = (await readBy(entry)).filter((name) => !NEVER_DEPLOYED.includes(name));
    expect(Object.keys(setFor(entry)).toSorted()).toEqual(known.toSorted());
  });

  it.each(functionEntries())("%s is content with the least that a deployment says", async (entry) => {
    const environment = { ...FROM_AWS, ...environmentOf(isLender(entry) ? app : least, functionTitle(entry)) };
    if (entry === "slack") {
      expect(readSlackConfig(environment).transport.kind).toBe("http");
      expect(() => readConfig(slackDeps.variables, environment)).not.toThrow();
      return;
    }
    const { variables } = await import(join(ROOT, `functions/${entry}.ts`));
    expect(() => readConfig(variables, environment)).not.toThrow();
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

  it("clients take what AWS gives: nothing else of AWS is set by a stack", () => {
    for (const entry of functionEntries())
      for (const name of Object.keys(Aws.shape)) expect(setFor(entry)).not.toHaveProperty([name]);
  });
});

describe("what the deploying person may say", () => {
  const source = ["settings", "problems"]
    .map((file) => readFileSync(join(ROOT, `stacks/${file}.ts`), "utf8"))
    .join("\n");
  const guide = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const named = (pattern: RegExp, text: string) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))];

  it("stands in docs/deploy.md, every setting and every secret, and nothing else does", () => {
    const settings = named(/\bsetting\("([A-Z_]+)"\)/g, source).filter((name) => !NEVER_DEPLOYED.includes(name));
    const inGuide = named(/`((?:CODY|GITHUB|ANTHROPIC)_[A-Z_]+)(?:=[01])?`/g, guide).filter(
      (name) => !["GITHUB_APP_KEY"].includes(name), // of one machine; deployed it is the secret GithubAppKey
    );
    expect(inGuide.toSorted()).toEqual(settings.toSorted());
    const secrets = named(/\bsecret\("(\w+)"\)/g, source);
    for (const name of secrets) expect(guide, name).toMatch(new RegExp(`\\b${name}\\b`));
    const set = named(/sst secret set (\w+)/g, guide).filter((name) => name !== "NAME");
    expect(set.filter((name) => !secrets.includes(name))).toEqual([]);
  });
});

describe("variables of the tasks", () => {
  const readers = { Work: readWorkConfig, Publish: readPublishConfig };

  function environmentOfTask(synthesis: Synthesis, task: "Work" | "Publish"): Record<string, string> {
    const { environment, secrets } = containerOf(synthesis, task);
    const { ContainerOverrides } = machineOf(synthesis).States.Runs.ItemProcessor.States[task].Parameters.Overrides;
    const values: Record<string, string> = {
      CODY_JOB: "j0123456789abcdef",
      CODY_ROUND: "1",
      CODY_REPOSITORY: "acme/orders",
    };
    const overridden = (ContainerOverrides[0].Environment as { Name: string }[]).map(({ Name }) => [
      Name,
      values[Name]!,
    ]);
    return Object.fromEntries([
      ...environment.filter(({ name }) => !name.startsWith("SST_")).map(({ name, value }) => [name, value]),
      ...secrets.map(({ name }) => [name, `secret ${name}`]),
      ...overridden,
    ]);
  }

  it.each(["Work", "Publish"] as const)(
    "%s needs every one that is set: without it it refuses or behaves otherwise",
    (task) => {
      const environment = environmentOfTask(most, task);
      const whole = JSON.stringify(readers[task](environment));
      const without = (name: string) => {
        try {
          return JSON.stringify(readers[task]({ ...environment, [name]: undefined }));
        } catch (error) {
          return String(error);
        }
      };
      const idle = Object.keys(environment).filter((name) => name !== "AWS_REGION" && without(name) === whole);
      expect(idle).toEqual([]);
    },
  );

  it.each(["Work", "Publish"] as const)("%s is content with the least that a deployment says", (task) => {
    expect(() => readers[task](environmentOfTask(least, task))).not.toThrow();
  });

  it("between them they are set whatever the runner can read", () => {
    const set = (["Work", "Publish"] as const).flatMap((task) =>
      [most, app].flatMap((one) => Object.keys(environmentOfTask(one, task))),
    );
    const unset = inSource("containers/runner/config.ts").filter((name) => !set.includes(name));
    expect(unset.filter((name) => !NEVER_DEPLOYED.includes(name))).toEqual([]);
  });

  it.each(["Work", "Publish"] as const)(
    "%s asks a function for its token when there is a GitHub App, and holds none",
    (task) => {
      const environment = environmentOfTask(app, task);
      expect(Object.keys(environment).filter((name) => /TOKEN|APP/.test(name))).toEqual(["CODY_TOKEN_FUNCTION"]);
      expect(readers[task](environment).source).toEqual({ tokenFunction: environment.CODY_TOKEN_FUNCTION });
      expect(JSON.stringify(environment)).not.toContain("PRIVATE KEY");
    },
  );

  it("neither zone has the other's secrets", () => {
    expect(Object.keys(environmentOfTask(most, "Work"))).not.toContain("GITHUB_WRITE_TOKEN");
    expect(Object.keys(environmentOfTask(most, "Publish"))).not.toContain("ANTHROPIC_API_KEY");
    for (const task of ["Work", "Publish"] as const)
      expect(Object.keys(environmentOfTask(most, task)).filter((name) => name.startsWith("SLACK_"))).toEqual([]);
  });
});
