import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { createGitHub } from "../../packages/github/client.ts";
import { checkDescriptors } from "../../packages/local/stack/descriptors.ts";
import { createStackLog, warningsTo } from "../../packages/local/stack/log.ts";
import { asNoRoom, whenThereIsRoom } from "../../packages/local/stack/room.ts";
import { BUCKET, type Services, startServices, TABLE } from "../../packages/local/stack/services.ts";
import { onceGone, openStateFolder, temporaryFolder } from "../../packages/local/stack/state-folder.ts";
import { startLambda } from "../../packages/stand-ins/lambda/lambda.ts";
import { ownKeys } from "../../packages/stand-ins/loopback/own-keys.ts";
import { cookieHeader } from "../../packages/stand-ins/loopback/page-key.ts";
import { startStepFunctions } from "../../packages/stand-ins/stepfunctions/stepfunctions.ts";

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

/** fetch() does not let its caller choose the Host. */
const ask = (url: string, headers: Record<string, string> = {}, method = "GET", body = "") =>
  new Promise<Answer>((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    asked.on("upgrade", (response) => resolve({ status: 101, headers: response.headers, body: "" }));
    asked.on("error", reject).end(body);
  });

/** Before any service looked at it; S3 and Lambda say 403 to what is not signed as well. */
const isTurnedAway = ({ status, body }: Answer) => status === 403 && body.includes("its own machine only");

const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), "cody-loopback-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

describe("every stand-in on a machine that others use too", () => {
  let folder: string;
  let services: Services;
  let urls: Record<string, string>;
  const open: { stop(): Promise<void> }[] = [];
  const refused: string[] = [];
  const log = (line: string) => void refused.push(line);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cody-loopback-"));
    services = await startServices({ folder, env: {}, log });
    const { accessKeyId, secretAccessKey } = ownKeys(folder);
    const keys = { accessKeyId, secretAccessKey };
    const resources = { invoke: async () => null, runTask: async () => ({ exitCode: 0 }) };
    const machine = { StartAt: "Done", States: { Done: { Type: "Succeed" } } };
    const sfn = await startStepFunctions({ ...keys, ...resources, machines: { machine }, isKnownValid: true, log });
    const lambda = await startLambda({ ...keys, functions: {}, region: "us-east-1", log });
    open.push(services, sfn, lambda);
    const { env } = services;
    urls = {
      Slack: services.slack!.url,
      GitHub: services.forge!.serverUrl,
      Claude: services.claude!.url,
      DynamoDB: env.AWS_ENDPOINT_URL_DYNAMODB!,
      S3: env.AWS_ENDPOINT_URL_S3!,
      "Step Functions": sfn.url,
      Lambda: lambda.url,
    };
  });
  afterAll(async () => {
    for (const one of open) await one.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const SERVICES = ["Slack", "GitHub", "Claude", "DynamoDB", "S3", "Step Functions", "Lambda"];

  it.each(SERVICES)("%s answers its own name and port, and no other Host", async (name) => {
    const { port } = new URL(urls[name]!);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`])
      expect(isTurnedAway(await ask(urls[name]!, { host })), host).toBe(false);
    const foreign = [
      `evil.example:${port}`,
      "127.0.0.1",
      "localhost:1",
      `127.0.0.1.evil.example:${port}`,
      `evil.example#127.0.0.1:${port}`,
      `127.0.0.2:${port}`,
      `0.0.0.0:${port}`,
    ];
    for (const host of foreign) expect(isTurnedAway(await ask(urls[name]!, { host })), host).toBe(true);
  });

  it.each(SERVICES)("%s takes nothing from a page of another origin", async (name) => {
    const { host } = new URL(urls[name]!);
    for (const origin of ["https://evil.example", "http://127.0.0.1:1", `https://${host}`, "null", ""])
      for (const method of ["GET", "POST", "OPTIONS"])
        expect(isTurnedAway(await ask(urls[name]!, { origin }, method)), `${method} from ${origin}`).toBe(true);
    expect(isTurnedAway(await ask(urls[name]!, { origin: `http://${host}` }))).toBe(false);
    const fetched = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    expect(isTurnedAway(await ask(urls[name]!, fetched))).toBe(true);
    // A link in a chat may be followed.
    expect(isTurnedAway(await ask(urls[name]!, { ...fetched, "sec-fetch-mode": "navigate" }))).toBe(false);
  });

  it("says in the log what it refused", () => {
    expect(refused.some((line) => line.includes("the host evil.example"))).toBe(true);
    expect(refused.some((line) => line.includes("the origin https://evil.example"))).toBe(true);
  });

  it("a form of another site posts nothing, even with the token", async () => {
    const { slack, env } = services;
    const post = (headers: Record<string, string>) =>
      ask(
        `${slack!.apiUrl}chat.postMessage`,
        { "content-type": "application/x-www-form-urlencoded", ...headers },
        "POST",
        new URLSearchParams({ token: env.SLACK_BOT_TOKEN!, channel: "C0CODY", text: "taken" }).toString(),
      );
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect(slack!.workspace.messages("C0CODY")).toEqual([]);
    expect((await post({})).status).toBe(200);
    expect(slack!.workspace.messages("C0CODY")).toHaveLength(1);
  });

  it("Socket Mode takes no connection of a page, and its ticket once", async () => {
    const { slack, env } = services;
    const opened = await fetch(`${slack!.apiUrl}apps.connections.open`, {
      method: "POST",
      headers: { authorization: `Bearer ${env.SLACK_APP_TOKEN}` },
    });
    const { url } = (await opened.json()) as { url: string };
    const socket = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    const http = url.replace(/^ws/, "http");
    expect((await ask(http, { ...socket, origin: "https://evil.example" })).status).toBe(403);
    expect((await ask(http, socket)).status).toBe(403);
  });

  it("the keys of another state folder open nothing", async () => {
    const { env } = services;
    const other = ownKeys(await newFolder());
    const options = (endpoint: string | undefined, credentials: { accessKeyId: string; secretAccessKey: string }) => ({
      ...(endpoint && { endpoint }),
      region: "us-east-1",
      credentials,
      maxAttempts: 1,
    });
    const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:machine";
    const asked = {
      dynamodb: (keys: typeof other) =>
        new DynamoDBClient(options(env.AWS_ENDPOINT_URL_DYNAMODB, keys)).send(new ScanCommand({ TableName: TABLE })),
      s3: (keys: typeof other) =>
        new S3Client({ ...options(env.AWS_ENDPOINT_URL_S3, keys), forcePathStyle: true }).send(
          new ListObjectsV2Command({ Bucket: BUCKET }),
        ),
      states: (keys: typeof other) =>
        new SFNClient(options(urls["Step Functions"], keys)).send(new ListExecutionsCommand({ stateMachineArn })),
    };
    const own = ownKeys(folder);
    for (const [name, call] of Object.entries(asked)) {
      await expect(call(other), name).rejects.toThrow();
      await expect(call({ ...own, secretAccessKey: other.secretAccessKey }), name).rejects.toThrow();
      await expect(call({ ...own, accessKeyId: "local" }), name).rejects.toThrow();
      await call(own);
    }
    const claude = await fetch(`${urls.Claude}/v1/models`, {
      headers: { "x-api-key": other.modelKey, "anthropic-version": "2023-06-01" },
    });
    expect(claude.status).toBe(401);
    const slack = await fetch(`${services.slack!.apiUrl}auth.test`, {
      method: "POST",
      headers: { authorization: `Bearer ${other.botToken}` },
    });
    expect(await slack.json()).toMatchObject({ ok: false, error: "invalid_auth" });
  });

  it.each(["Slack", "GitHub"])(
    "%s shows its pages to a browser that has the key, at one visit for both",
    async (name) => {
      const page = name === "Slack" ? services.slack!.pageUrl("second") : services.forge!.pageUrl;
      expect((await ask(`${urls[name]}/`)).status).toBe(401);
      expect((await ask(`${urls[name]}/?key=guessed`)).status).toBe(401);
      expect((await ask(`${urls[name]}/`, cookieHeader("guessed"))).status).toBe(401);
      const entered = await ask(page);
      expect(entered.status).toBe(303);
      expect(entered.headers.location).toBe(name === "Slack" ? "/?as=second" : "/");
      const [cookie = ""] = entered.headers["set-cookie"]!;
      expect(cookie).toMatch(/; Path=\/; .*HttpOnly; SameSite=Lax$/);
      for (const url of [urls.Slack, urls.GitHub])
        expect((await ask(`${url}/`, { cookie: `other=1; ${cookie.split(";")[0]}` })).status).toBe(200);
      // The address leads to this server only, whatever path was written into it.
      const elsewhere = new URL(page);
      elsewhere.pathname = "//evil.example/";
      expect((await ask(elsewhere.href)).headers.location).toMatch(/^\/(?!\/)|undefined/);
    },
  );
});

describe("the state folder", () => {
  const modeOf = (path: string) => statSync(path).mode & 0o777;

  it("is its owner's alone, with keys of its own that stay", async () => {
    const folder = join(await newFolder(), "deep", ".cody");
    openStateFolder(folder);
    const keys = ownKeys(folder);
    expect(modeOf(folder)).toBe(0o700);
    expect(modeOf(join(folder, "keys.json"))).toBe(0o600);
    expect(ownKeys(folder)).toEqual(keys);
    const other = join(await newFolder(), ".cody");
    openStateFolder(other);
    for (const [name, value] of Object.entries(ownKeys(other))) expect(value).not.toBe(keys[name as "botToken"]);
    chmodSync(folder, 0o755);
    openStateFolder(folder);
    expect(modeOf(folder)).toBe(0o700);
  });

  it("keeps the keys that an earlier release made and adds what it did not know", async () => {
    const folder = await newFolder();
    writeFileSync(join(folder, "keys.json"), JSON.stringify({ botToken: "xoxb-before" }));
    const keys = ownKeys(folder);
    expect(keys.botToken).toBe("xoxb-before");
    expect(JSON.parse(readFileSync(join(folder, "keys.json"), "utf8"))).toEqual(keys);
    writeFileSync(join(folder, "keys.json"), "{ no");
    expect(() => ownKeys(folder)).toThrow(/keys\.json is damaged\. Delete it/);
  });

  it.each([
    ["deleted", (path: string) => rm(path, { recursive: true })],
    ["moved", (path: string) => rename(path, `${path}-2`)],
    [
      "replaced by another one",
      async (path: string) => {
        await rename(path, `${path}-2`);
        mkdirSync(path);
      },
    ],
  ])("is seen to be %s while the stack runs, and nothing else is", async (_, change) => {
    const path = join(await newFolder(), ".cody");
    openStateFolder(path);
    let gone = 0;
    const end = onceGone(
      path,
      () => {
        gone += 1;
      },
      5,
    );
    onTestFinished(end);
    writeFileSync(join(path, "more"), "");
    await sleep(20);
    expect(gone).toBe(0);
    await change(path);
    await expect.poll(() => gone).toBe(1);
    await sleep(20);
    expect(gone).toBe(1);
  });

  it.each([
    ["a file stands in its place", (path: string) => writeFileSync(path, ""), "", /is a file/],
    ["it lies below a file", (path: string) => writeFileSync(path, ""), "below", /lies below a file/],
    ["its path is longer than a system takes", (path: string) => mkdirSync(path), "x".repeat(5_000), /too long a path/],
  ])("%s: one sentence that says what to do", async (_, prepare, below, says) => {
    const path = join(await newFolder(), ".cody");
    prepare(path);
    expect(() => openStateFolder(join(path, below))).toThrow(says);
  });

  it.runIf(existsSync("/sys/kernel"))("the system refuses it, to root too (needs /sys): the way out is said", () => {
    const refused = /^\/sys\/kernel\/cody (?:cannot be written|belongs to another user).* a copy of Cody/;
    expect(() => openStateFolder("/sys/kernel/cody")).toThrow(refused);
  });

  it.each(["/nowhere/at/all", "/dev/null"])(
    "temporary files cannot be in %s: one sentence names the variable",
    (there) => {
      vi.stubEnv("TMPDIR", there);
      onTestFinished(() => void vi.unstubAllEnvs());
      const says = `No temporary folder can be made in ${there} (`;
      expect(() => temporaryFolder("cody-demo-")).toThrow(says);
      expect(() => temporaryFolder("cody-demo-")).toThrow(/Set TMPDIR to a folder that you may write to\.$/);
    },
  );
});

it("what clients and functions warn of goes to the log, and nothing of it to the terminal", async () => {
  const { warn, error } = console;
  const shown: unknown[] = [];
  onTestFinished(() => void Object.assign(console, { warn, error }));
  console.error = (...words) => shown.push(words);
  const lines: string[] = [];
  warningsTo((line) => lines.push(line));
  const server = createServer((_, response) => response.writeHead(404, { deprecation: "@1640995200" }).end("{}"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const github = createGitHub({ token: "t", apiUrl: `http://127.0.0.1:${port}`, log: (line) => lines.push(line) });
  await expect(github.rest.repos.get({ owner: "acme", repo: "gone" })).rejects.toThrow();
  console.warn("health: %s", "down", { after: 3 });
  expect(lines).toEqual([expect.stringMatching(/repos\/acme\/gone" is deprecated/), "health: down { after: 3 }"]);
  expect(shown).toEqual([]);
});

describe("a machine with little", () => {
  it.each([256, 1_023])("%i open files: one sentence before anything runs", (limit) => {
    expect(() => checkDescriptors(limit)).toThrow(new RegExp(`have ${limit} files open.*ulimit -n 1024`));
  });
  it.each([1_024, Number.POSITIVE_INFINITY, undefined])("%s open files do, and so does this machine", (limit) => {
    expect(() => checkDescriptors(limit)).not.toThrow();
  });

  it.each([
    ["a write", Object.assign(new Error("full"), { code: "ENOSPC" })],
    ["a quota", new Error("write", { cause: Object.assign(new Error("full"), { code: "EDQUOT" }) })],
    ["SQLite's lock", Object.assign(new Error("full"), { errcode: 13 })],
  ])("no room for %s: the start says so once and goes on when there is some", async (_, full) => {
    const said: string[] = [];
    let tries = 0;
    const start = async () => {
      tries += 1;
      if (tries < 4) throw asNoRoom(full, "/there/.cody");
      return "up";
    };
    expect(await whenThereIsRoom(start, { say: (line) => said.push(line), lookMs: 1 })).toBe("up");
    expect(said).toEqual([
      "There is no room on the disk of /there/.cody. Free some; nothing is lost. Cody starts as soon as there is.",
    ]);
    const other = new Error("else");
    await expect(whenThereIsRoom(() => Promise.reject(asNoRoom(other, "")), { say: () => {} })).rejects.toBe(other);
  });

  it("a log that takes no line loses none and ends nothing", async () => {
    const folder = await newFolder();
    const file = join(folder, "deep", "stack.log");
    const complaints: string[] = [];
    const log = createStackLog(file, (line) => complaints.push(line));
    log("one");
    log("two");
    expect(complaints.join("\n")).toMatch(/takes no lines: ENOENT[\s\S]* one\n[\s\S]* two/);
    mkdirSync(join(folder, "deep"));
    log("three");
    log("four");
    expect(readFileSync(file, "utf8")).toMatch(/^\(2 lines could not be written here\)\n\S+ three\n\S+ four\n$/);
    expect(complaints).toHaveLength(3);
  });
});
