import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { secretName } from "../../packages/config/deployed.ts";
import { exampleFile } from "../../packages/config/example.ts";
import { parseImages } from "../../packages/config/images.ts";
import { given, malformed, readConfig, secretsOf, variablesOf } from "../../packages/config/read.ts";
import { pairProblems, whoStarts } from "../../packages/config/rules.ts";
import { unknownInOwnFile, unknownVariables } from "../../packages/config/unknown.ts";
import { VARIABLES } from "../../packages/config/variables.ts";
import { TASKS, ZONES } from "../../packages/config/zones.ts";

const AWS = { AWS_REGION: "r", CODY_TABLE: "t", CODY_BUCKET: "b" };
const RUN = { CODY_JOB: "j0123456789abcdef", CODY_ROUND: "2", CODY_REPOSITORY: "acme/orders", CODY_WORK_DIR: "/work" };
const SLACK = {
  ...AWS,
  AWS_ACCESS_KEY_ID: "id",
  AWS_SECRET_ACCESS_KEY: "key",
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_SIGNING_SECRET: "signing",
  GITHUB_READ_TOKEN: "read-1",
  CODY_STATE_MACHINE_ARN: "arn",
};
const WORK = { ...AWS, ...RUN, ANTHROPIC_API_KEY: "sk-ant-1", GITHUB_READ_TOKEN: "read-1" };

const problemsOf = (read: () => unknown): string[] => {
  try {
    read();
    return [];
  } catch (error) {
    return (error as Error).message.split("\n").slice(1);
  }
};

describe("a zone's reader", () => {
  it("gives every variable of the zone parsed, with its default where nothing is set", () => {
    expect(readConfig("work", { ...WORK, CODY_MAX_TURNS: "7", CODY_PRIVATE_HOSTS: "a.corp:81, b.corp" })).toMatchObject(
      {
        CODY_ROUND: 2,
        CODY_MAX_TURNS: 7,
        CODY_MAX_MINUTES: 90,
        CODY_UNSAFE_COMMANDS: false,
        CODY_PRIVATE_HOSTS: [{ host: "a.corp", port: 81 }, { host: "b.corp" }],
        GITHUB_SERVER_URL: "https://github.com",
      },
    );
  });

  it("names all that is missing or wrong at once, one sentence each, and no value", () => {
    const wrong = {
      ANTHROPIC_API_KEY: "secret with spaces",
      CODY_TABLE: "",
      CODY_MAX_MINUTES: "-5",
      CODY_PRIVATE_HOSTS: "fine.corp,bad/host",
      GITHUB_API_URL: "nowhere",
      CODY_UNSAFE_COMMANDS: "yes",
      CODY_JOB: "job-9",
    };
    const problems = problemsOf(() => readConfig("work", { ...WORK, ...wrong }));
    expect(problems.toSorted()).toEqual([
      "ANTHROPIC_API_KEY must be a token, without spaces, quotes and line ends.",
      "CODY_JOB must be a job's id.",
      "CODY_MAX_MINUTES must be a number of minutes, 1440 at most.",
      "CODY_PRIVATE_HOSTS must list hosts, each as host or host:port; entry 2 is neither.",
      "CODY_TABLE is missing: DynamoDB table.",
      "CODY_UNSAFE_COMMANDS must be 1 or 0.",
      "GITHUB_API_URL must be an http or https address.",
    ]);
    for (const value of Object.values(wrong).filter(Boolean)) expect(problems.join()).not.toContain(value);
  });

  it.each(["Infinity", "1e400", "0x10", "1441", "0", "5 minutes", ".", "1,5"])(
    "refuses an amount of which no clock makes sense: %s",
    (CODY_MAX_MINUTES) => expect(malformed({ CODY_MAX_MINUTES })).toHaveLength(1),
  );

  it.each([
    ["90", 90],
    ["0.5", 0.5],
    [".5", 0.5],
    ["1440", 1440],
  ])("reads %s as an amount", (CODY_MAX_MINUTES, wanted) => {
    expect(readConfig("work", { ...WORK, CODY_MAX_MINUTES }).CODY_MAX_MINUTES).toBe(wanted);
  });

  it("refuses a token that is still in its quotes", () => {
    expect(malformed({ ANTHROPIC_API_KEY: '"sk-1"' })).toHaveLength(1);
  });

  it.each([
    ["work", { ...WORK, GITHUB_READ_TOKEN: "" }, "GITHUB_READ_TOKEN (or GITHUB_TOKEN) is missing."],
    ["plan", AWS, "GITHUB_READ_TOKEN is missing, or both of GITHUB_APP_ID and GITHUB_APP_KEY."],
    [
      "plan",
      { ...AWS, GITHUB_APP_ID: "4711" },
      "Set both GITHUB_APP_ID and GITHUB_APP_KEY for a GitHub App, or neither.",
    ],
    [
      "socket",
      { ...AWS, GITHUB_TOKEN: "one", SLACK_BOT_TOKEN: "xoxb-1" },
      "SLACK_APP_TOKEN is missing: an app-level token with connections:write, xapp-...: Socket Mode, on one machine.",
    ],
    [
      "read-token",
      { ...AWS, GITHUB_APP_ID: "4711" },
      "GITHUB_APP_KEY is missing: its private key in PEM, on one line with \\n for line ends; no task ever gets it.",
    ],
  ] as const)("%s says what it cannot do without", (zone, environment, says) => {
    expect(problemsOf(() => readConfig(zone, environment))).toEqual([says]);
  });

  it.each(["slack", "work"] as const)(
    "names what a person has set, and once: a GITHUB_TOKEN in quotes, in %s",
    (zone) => {
      const { GITHUB_READ_TOKEN: _, ...rest } = { ...WORK, ...AWS };
      const read = () => readConfig(zone, { ...rest, GITHUB_TOKEN: '"one"' });
      expect(read).toThrow("GITHUB_TOKEN must be a token");
      expect(read).not.toThrow(/GITHUB_READ_TOKEN must|GITHUB_TOKEN must[\s\S]*GITHUB_TOKEN must/);
    },
  );

  it("takes one GITHUB_TOKEN under each zone's own name, and a function in a token's place", () => {
    const { GITHUB_READ_TOKEN: _, ...rest } = WORK;
    expect(readConfig("work", { ...rest, GITHUB_TOKEN: "one" }).GITHUB_READ_TOKEN).toBe("one");
    expect(readConfig("publish", { ...rest, GITHUB_TOKEN: "one" }).GITHUB_WRITE_TOKEN).toBe("one");
    expect(readConfig("work", { ...rest, CODY_TOKEN_FUNCTION: "read-token" }).GITHUB_READ_TOKEN).toBeUndefined();
  });

  it.each([
    ["CODY_ADMINS", "U012AB3CD, W0A", []],
    ["CODY_ADMINS", "U012AB3CD,@jane", [/must list Slack user ids .*entry 2\.$/]],
    ["CODY_CHANNELS", "C012AB3CD G0A", []],
    ["CODY_CHANNELS", "#general", [/must list Slack channel ids .*entry 1\.$/]],
  ])("%s=%s", (name, value, says) => {
    expect(malformed({ [name]: value }).map((problem) => problem.says)).toEqual(
      says.map((one) => expect.stringMatching(one)),
    );
  });

  it.each([
    ['{"U012AB3CD": "octocat"}', []],
    ['{"U012AB3CD": "octocat", "octocat": "U1"}', [/entry 2 does not/]],
    ["/nowhere/people.json", [/it is no JSON, or the file cannot be read/]],
    ["[1]", [/it is no JSON/]],
  ])("CODY_PEOPLE=%s", (CODY_PEOPLE, says) => {
    expect(malformed({ CODY_PEOPLE }).map((problem) => problem.says)).toEqual(
      says.map((one) => expect.stringMatching(one)),
    );
  });
});

describe("who may start jobs", () => {
  const people = '{"U012AB3CD":"octocat"}';
  it.each([
    [{}, []],
    [{ CODY_STRICT: "0" }, []],
    [{ CODY_PEOPLE: people }, [/^CODY_PEOPLE is set: say with CODY_STRICT=1 .* or with CODY_STRICT=0 that everybody/]],
    [{ CODY_PEOPLE: people, CODY_STRICT: "0" }, []],
    [{ CODY_PEOPLE: people, CODY_STRICT: "1" }, []],
    [{ CODY_STRICT: "1" }, [/^CODY_STRICT=1 lets only the people of CODY_PEOPLE start jobs, and it is empty\.$/]],
  ])("%j", (environment, says) => {
    const expected = says.map((one) => expect.stringMatching(one));
    expect(whoStarts(environment).filter((one) => one !== false)).toEqual(expected);
    expect(pairProblems(environment)).toEqual(expected);
    const read = () => readConfig("slack", { ...SLACK, ...environment });
    if (says.length > 0) expect(read).toThrow(says[0]!.source.slice(1, 20));
    else expect(read().CODY_STRICT ?? false).toBe("CODY_STRICT" in environment && environment.CODY_STRICT === "1");
  });

  it("who may read them is one of three", () => {
    expect(readConfig("slack", SLACK).CODY_READERS).toBe("everybody");
    expect(malformed({ CODY_READERS: "team" })).toMatchObject([{ says: expect.stringContaining("must be everybody") }]);
  });
});

describe("trust zones", () => {
  const all = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, `value-of-${name}`]));
  const secretsBy = (zone: (typeof ZONES)[number]) =>
    secretsOf(zone, all)
      .map((value) => value.replace("value-of-", ""))
      .filter((name) => !name.startsWith("AWS_"))
      .toSorted();

  it("each sees its own secrets and no other zone's", () => {
    const app = ["GITHUB_APP_KEY"];
    const looks = [...app, "GITHUB_READ_TOKEN", "GITHUB_TOKEN"];
    expect(Object.fromEntries(ZONES.map((zone) => [zone, secretsBy(zone)]))).toEqual({
      plan: looks,
      schedule: [...looks, "SLACK_BOT_TOKEN"],
      decide: [],
      finish: [],
      dispatch: [],
      sweep: [],
      watch: looks,
      notify: ["SLACK_BOT_TOKEN"],
      slack: [...looks, "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"],
      health: [],
      "change-set": [...app, "GITHUB_WRITE_TOKEN"],
      "read-token": app,
      "write-token": app,
      work: ["ANTHROPIC_API_KEY", "CODY_REGISTRY_CREDENTIALS", "GITHUB_READ_TOKEN"],
      publish: ["CODY_SIGNING_KEY", "GITHUB_WRITE_TOKEN"],
      socket: [...looks, "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"],
      machine: [],
      doctor: [
        "ANTHROPIC_API_KEY",
        "GITHUB_APP_KEY",
        "GITHUB_READ_TOKEN",
        "GITHUB_TOKEN",
        "GITHUB_WRITE_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_BOT_TOKEN",
      ],
      deploy: [],
    });
    for (const zone of TASKS)
      expect(Object.keys(given(zone, all)).filter((name) => name.startsWith("SLACK_"))).toEqual([]);
  });

  it("every variable is read by a zone", () => {
    const read = ZONES.flatMap(variablesOf);
    expect(Object.keys(VARIABLES).filter((name) => !read.some((one) => one === name))).toEqual([]);
  });
});

describe("names", () => {
  it("that begin like ours and are none are known as misspelt", () => {
    const environment = { CODY_REPO: "a/b", CODY_MODLE: "x", CODY_SOMETHING_ELSE: "x", CODY_TABLE: "t", CODY_: "" };
    expect(unknownVariables(environment)).toEqual([
      { name: "CODY_REPO", meant: "CODY_REPOS" },
      { name: "CODY_MODLE", meant: "CODY_MODEL" },
      { name: "CODY_SOMETHING_ELSE", meant: undefined },
    ]);
  });

  it("of other programs are left alone, unless one is nearly ours; in Cody's own .env every name is meant for it", () => {
    const others = { GITHUB_SHA: "1", GITHUB_ACTION: "x", SLACK_WEBHOOK_URL: "x", ANTHROPIC_MODEL: "x", PATH: "/bin" };
    expect(unknownVariables({ ...others, ANTHROPIC_APIKEY: "k", GITHUB_READTOKEN: "t" })).toEqual([
      { name: "ANTHROPIC_APIKEY", meant: "ANTHROPIC_API_KEY" },
      { name: "GITHUB_READTOKEN", meant: "GITHUB_READ_TOKEN" },
    ]);
    expect(unknownInOwnFile(["CODY_PORT", "HTTPS_PROXY", "ANTHROPIC_KEY", "SOMETHING"])).toEqual([
      { name: "ANTHROPIC_KEY", meant: "ANTHROPIC_API_KEY" },
      { name: "SOMETHING", meant: undefined },
    ]);
  });

  it("that are secrets on AWS have the names that deployments have set", () => {
    const names = Object.entries(VARIABLES).flatMap(([name, one]) => ("secret" in one ? [secretName(name)] : []));
    expect(names.filter((name) => !name.startsWith("Aws"))).toEqual([
      "SlackBotToken",
      "SlackAppToken",
      "SlackSigningSecret",
      "AnthropicApiKey",
      "RegistryCredentials",
      "GithubReadToken",
      "GithubWriteToken",
      "GithubToken",
      "GithubAppKey",
      "SigningKey",
    ]);
  });

  it("stand in .env.example, which is made by npm run example", () => {
    expect(readFileSync(new URL("../../.env.example", import.meta.url), "utf8")).toBe(exampleFile());
  });
});

describe("CODY_IMAGES", () => {
  it("gives images by the names that settings choose", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    expect(parseImages(`java21=registry.example.com:5000/cody:21  dot.net=cody@${digest}`)).toEqual({
      java21: "registry.example.com:5000/cody:21",
      "dot.net": `cody@${digest}`,
    });
    expect(parseImages("")).toEqual({});
  });

  it.each([
    ["java21", /not so: entry 1/],
    ["a=x Java=y", /not so: entry 2/],
    ["a=$(x)", /not so: entry 1/],
    ["a.b=x a_b=y", /a name of its own/],
    ["a=x a=y", /a name of its own/],
  ])("says what is wrong with %s", (text, says) => {
    expect(() => parseImages(text)).toThrow(says);
  });
});
