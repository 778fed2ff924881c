import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Environment } from "../../packages/config/zones.ts";
import { examine, reportLines } from "../../packages/doctor/examine.ts";
import { isPassing, isWrong } from "../../packages/doctor/finding.ts";
import { checkMachine } from "../../packages/doctor/machine.ts";
import { sandboxFinding } from "../../packages/doctor/sandbox.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import { startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import { startForge } from "../../packages/stand-ins/forge/forge.ts";
import { startSlack } from "../../packages/stand-ins/slack/start.ts";

const ROOT = join(import.meta.dirname, "../..");
const MANIFEST = JSON.parse(readFileSync(join(ROOT, "slack/manifest.socket.json"), "utf8"));
const SLACK = { botToken: "xoxb-doctor-secret", appToken: "xapp-doctor-secret" };
const SECRETS = ["xoxb-doctor-secret", "xapp-doctor-secret", "sk-ant-wrong-secret", "ghp-wrong-secret"];

const said = async (env: Environment) => reportLines(await examine(env)).join("\n");

async function world({ scopes = MANIFEST.oauth_config.scopes.bot as string[] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "cody-doctor-"));
  const log = () => {};
  const manifest = { ...MANIFEST, oauth_config: { ...MANIFEST.oauth_config, scopes: { bot: scopes } } };
  const claude = await startClaude({ log });
  const forge = await startForge({ folder: join(folder, "forge"), log });
  const slack = await startSlack({ folder: join(folder, "slack"), manifest, ...SLACK, log });
  onTestFinished(async () => {
    await Promise.all([claude.stop(), forge.stop(), slack.stop()]);
    await rm(folder, { recursive: true, force: true });
  });
  const commits = [{ message: "Start\n", date: "2026-01-05T10:00:00Z", files: { "README.md": "# App\n" } }];
  await forge.admin.addRepository({ name: "acme/app", from: { commits } });
  const env: Environment = {
    SLACK_BOT_TOKEN: SLACK.botToken,
    SLACK_APP_TOKEN: SLACK.appToken,
    SLACK_API_URL: slack.apiUrl,
    GITHUB_READ_TOKEN: forge.readToken,
    GITHUB_WRITE_TOKEN: forge.writeToken,
    GITHUB_API_URL: forge.apiUrl,
    ANTHROPIC_API_KEY: claude.apiKey,
    ANTHROPIC_BASE_URL: claude.url,
  };
  return { env, forge, folder };
}

describe("the doctor", () => {
  it("has nothing to say about a machine without accounts", async () => {
    expect(await examine({ PATH: "/bin" })).toEqual([]);
  });

  it("finds every service well that is", async () => {
    const { env } = await world();
    const findings = await examine(env);
    expect(findings.filter(({ verdict }) => verdict !== "good")).toEqual([]);
    expect(findings.map(({ about }) => about)).toEqual(["Slack", "Slack", "GitHub", "GitHub", "Claude"]);
  });

  it("knows people and channels that the workspace does not know", async () => {
    const { env } = await world();
    const { SLACK_BOT_TOKEN, SLACK_API_URL } = env;
    const findings = await examine({
      SLACK_BOT_TOKEN,
      SLACK_API_URL,
      CODY_ADMINS: "U0REQUESTER,U0STRANGER",
      CODY_CHANNELS: "C0CODY,C0NOWHERE",
      CODY_PEOPLE: '{"U0OTHER":"octocat"}',
    });
    expect(findings.filter(({ verdict }) => verdict !== "good").map(({ says }) => says)).toEqual([
      "CODY_ADMINS names U0STRANGER, which this workspace does not know.",
      "CODY_PEOPLE names U0OTHER, which this workspace does not know.",
      "CODY_CHANNELS names C0NOWHERE, which this workspace does not know.",
    ]);
    const names = await said({ CODY_ADMINS: "@ada", CODY_CHANNELS: "#general" });
    expect(names).toContain("CODY_ADMINS must list Slack user ids (U012AB3CD)");
    expect(names).toContain("CODY_CHANNELS must list Slack channel ids (C012AB3CD)");
  });

  it("says what is fine on this machine, what stands in for a service, and which half of a pair is missing", () => {
    const verdicts = (env: Environment, git: string | undefined = "2.47.0") =>
      reportLines(checkMachine(env, { node: "24.21.0", git }));
    expect(verdicts({})).toEqual([
      "ok   Node 24.21.0 and git 2.47.0 are here.",
      "ok   Slack is a stand-in on this machine; SLACK_BOT_TOKEN makes it real.",
      "ok   GitHub is a stand-in on this machine; GITHUB_TOKEN makes it real.",
      "ok   Claude is a stand-in on this machine; ANTHROPIC_API_KEY makes it real.",
    ]);
    const half = verdicts({ GITHUB_READ_TOKEN: "hidden", ANTHROPIC_API_KEY: "hidden" }).join("\n");
    expect(half).toContain("ok   Set and read by Cody: ANTHROPIC_API_KEY and GITHUB_READ_TOKEN.");
    expect(half).toContain("BAD  Set both GITHUB_READ_TOKEN and GITHUB_WRITE_TOKEN");
    expect(half).not.toContain("hidden");
    expect(checkMachine({}, { node: "24.21.0", git: undefined }).filter(isWrong)).toHaveLength(1);
  });

  it("says which sandbox commands run in; without one, what that means and what changes it", async () => {
    expect(reportLines([sandboxFinding({ mode: "namespaces" })])).toEqual(["ok   Commands run inside: namespaces."]);
    const [says, ...more] = reportLines([sandboxFinding(await probeSandbox({ unsafe: false, modes: [] }))]);
    expect([says, ...more].join(" ")).toMatch(/^warn\S* +Commands are off, so a change ends as a draft.* \S+/);
    expect(isWrong(sandboxFinding({ mode: "off", remedy: { why: "No perl.", fix: "Install it." } }))).toBe(false);
  });

  it("names what each service refuses and how to fix it, all at once, without a secret", async () => {
    const { env, forge } = await world({
      scopes: MANIFEST.oauth_config.scopes.bot.filter((scope: string) => !["users:read", "im:write"].includes(scope)),
    });
    forge.admin.repository("acme/app").role = "read";
    const text = await said({
      ...env,
      SLACK_APP_TOKEN: "xapp-other",
      ANTHROPIC_API_KEY: "sk-ant-wrong-secret",
      GITHUB_READ_TOKEN: "ghp-wrong-secret",
    });
    expect(text).toContain("SLACK_BOT_TOKEN lacks im:write, users:read.");
    expect(text).toContain("Slack refuses SLACK_APP_TOKEN: invalid_auth.");
    expect(text).toContain("GitHub refuses GITHUB_READ_TOKEN: it is wrong, expired or revoked.");
    expect(text).toContain("GITHUB_WRITE_TOKEN can push to none of its repositories.");
    expect(text).toContain("Claude refuses ANTHROPIC_API_KEY.");
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  });

  it("sees malformed variables without asking any service", async () => {
    const env = {
      SLACK_BOT_TOKEN: "xapp-doctor-secret",
      ANTHROPIC_API_KEY: "sk-ant-wrong-secret \n",
      GITHUB_TOKEN: "ghp-wrong-secret",
      GITHUB_API_URL: "not an address",
      CODY_PORT: "70000",
      CODY_MAX_TURNS: "many",
      CODY_MAX_MINUTES: "-1",
      CODY_COMMAND_SECONDS: "soon",
      CODY_PRIVATE_HOSTS: "a/b",
      CODY_REPOS: "a/b/c/d",
      CODY_MAX_TURN: "3",
    };
    const findings = await examine(env);
    expect(
      findings
        .filter(isWrong)
        .map(({ about }) => about)
        .toSorted(),
    ).toEqual([
      "ANTHROPIC_API_KEY",
      "CODY_COMMAND_SECONDS",
      "CODY_MAX_MINUTES",
      "CODY_MAX_TURNS",
      "CODY_PORT",
      "CODY_PRIVATE_HOSTS",
      "CODY_REPOS",
      "GITHUB_API_URL",
      "SLACK_BOT_TOKEN",
    ]);
    const text = reportLines(findings).join("\n");
    expect(text).toContain("One GitHub token reads and writes");
    expect(text).toContain(
      "CODY_MAX_TURN is probably misspelt: nothing reads it.\n       Did you mean CODY_MAX_TURNS?",
    );
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  });

  it("a service that is down or busy for a moment is asked again; one that stays so stops nothing", async () => {
    const { env, forge } = await world();
    const verdicts = async (more: object = {}) =>
      (await examine({ ...env, ...more })).filter(({ verdict }) => verdict !== "good").map(({ says }) => says);
    const down = { kind: "status", status: 503, path: /\/user\/repos/ } as const;
    forge.admin.plan({ ...down, times: 2 });
    expect(await verdicts()).toEqual([]);
    forge.admin.plan({ ...down, times: 6 });
    expect(await verdicts()).toEqual(Array(2).fill("GitHub answers 503 just now, so nothing could be checked."));
    const busy = createServer((_, response) => response.writeHead(529, { "retry-after": "1" }).end()).listen(
      0,
      "127.0.0.1",
    );
    onTestFinished(() => void busy.close());
    await once(busy, "listening");
    const { port } = busy.address() as AddressInfo;
    expect(await verdicts({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` })).toEqual([
      "Claude answers 529 just now, so nothing could be checked.",
    ]);
  });

  it.each([
    [403, { "retry-after": "60" }, true],
    [403, { "x-ratelimit-remaining": "0" }, true],
    [429, {}, true],
    [502, {}, true],
    [403, { "x-ratelimit-remaining": "12" }, false],
    [401, {}, false],
    [404, {}, false],
  ] as [number, Record<string, string>, boolean][])("%i with %o passes by itself: %s", (status, headers, passes) => {
    expect(isPassing(status, (name) => headers[name])).toBe(passes);
  });

  it("says who does not answer at all", async () => {
    const text = await said({ ANTHROPIC_API_KEY: "sk-ant-wrong-secret", ANTHROPIC_BASE_URL: "http://127.0.0.1:9" });
    expect(text).toMatch(/BAD {2}http:\/\/127\.0\.0\.1:9 cannot be reached: .+\n +Check the address/);
  });

  it("asks table, bucket and state machine, and names those that do not answer", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cody-doctor-"));
    const stack = await startStack({ folder, env: { PATH: process.env.PATH, HOME: process.env.HOME }, log: () => {} });
    onTestFinished(async () => {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const env = Object.fromEntries(Object.entries(stack.env).filter(([name]) => /^(AWS|CODY)_/.test(name)));
    expect((await examine(env)).map(({ verdict, says }) => `${verdict} ${says}`)).toEqual([
      "good CODY_TABLE answers.",
      "good CODY_BUCKET answers.",
      "good CODY_STATE_MACHINE_ARN answers.",
    ]);
    expect(await said({ ...env, CODY_BUCKET: "cody-other" })).toContain("CODY_BUCKET does not answer: NoSuchBucket.");
    expect(await said({ CODY_TABLE: "cody" })).toContain("CODY_BUCKET, CODY_STATE_MACHINE_ARN, AWS_REGION must be set");
  });

  it("stops npm start before anything runs, with every problem in one screen", async () => {
    const { env, folder } = await world();
    const command = [join(ROOT, "packages/local/start.ts")];
    const options = {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        ...env,
        SLACK_APP_TOKEN: "",
        ANTHROPIC_API_KEY: "sk-ant-wrong-secret",
        CODY_TABLE: "x",
      },
    };
    const ended = await promisify(execFile)(process.execPath, command, options).catch((error) => error);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("Set both SLACK_BOT_TOKEN and SLACK_APP_TOKEN");
    expect(ended.stderr).toContain("Unset CODY_TABLE");
    expect(ended.stderr).toContain("Claude refuses ANTHROPIC_API_KEY.");
    expect(ended.stderr).not.toContain("secret");
  });
});
