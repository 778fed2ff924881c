import { createSign, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseAppKey } from "../../packages/config/app-key.ts";
import { parsePatterns } from "../../packages/config/patterns.ts";
import { appRefusalOf, createGitHubApp, READING, WRITING } from "../../packages/github/app.ts";
import { inspectRepository } from "../../packages/github/repositories.ts";
import { listInstalled } from "../../packages/github/repository-list.ts";
import {
  APP_ID,
  gitOverHttp,
  growBranch,
  registerApp,
  scratchFolder,
  testForge,
  urlWith,
} from "../stand-ins/forge-fixture.ts";

const HISTORY = { commits: [{ message: "Start\n", date: "2022-01-01T00:00:00Z", files: { README: "hello\n" } }] };
const HOUR_MS = 3_600_000;

/** Two repositories of acme and one of another owner; the app is installed on acme. */
async function installed(changes: Parameters<typeof registerApp>[1] = {}) {
  /** Milliseconds that each clock is ahead. */
  const ahead = { forge: 0, app: 0 };
  const forge = await testForge(scratchFolder(), { now: () => Date.now() + ahead.forge });
  for (const name of ["acme/app", "acme/lib", "other/app"]) await forge.admin.addRepository({ name, from: HISTORY });
  const registered = registerApp(forge, changes);
  const open = (appId = `${APP_ID}`, key = registered.privateKey) =>
    createGitHubApp({
      appId,
      privateKey: parseAppKey(key),
      apiUrl: forge.apiUrl,
      secondMs: 10,
      log: () => {},
      now: () => Date.now() + ahead.app,
    });
  return { forge, ...registered, open, app: open(), ahead };
}

const refusal = (promise: Promise<unknown>, name = "acme/app") =>
  promise.then(
    () => "no refusal",
    (error: unknown) => appRefusalOf(error, name)?.code,
  );

describe("a token for one repository", () => {
  it("for reading clones that repository, and neither pushes nor sees another one", async () => {
    const { forge, app } = await installed();
    const { token, expiresAt } = await app.tokenFor("acme/app", READING);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(HOUR_MS - 60_000);
    const folder = scratchFolder();
    const clone = (name: string) => gitOverHttp(folder, "clone", "--quiet", urlWith(forge, token, name), name);
    await clone("acme/app");
    await expect(clone("acme/lib")).rejects.toThrow(/not found/i);
    await expect(gitOverHttp(`${folder}/acme/app`, "push", "origin", "HEAD:refs/heads/cody/x")).rejects.toThrow(/403/);
    const client = forge.client(token);
    await expect(client.rest.repos.get({ owner: "acme", repo: "lib" })).rejects.toMatchObject({ status: 404 });
    await expect(client.rest.pulls.list({ owner: "acme", repo: "app" })).rejects.toMatchObject({ status: 403 });
    await expect(client.rest.users.getAuthenticated()).rejects.toMatchObject({ status: 403 });
  });

  it("for writing pushes and opens a pull request, whose author is the app's bot", async () => {
    const { forge, app } = await installed();
    const { token } = await app.tokenFor("acme/app", WRITING);
    await growBranch({ ...forge, writeToken: token }, "acme/app", "cody/news");
    const { data } = await forge
      .client(token)
      .rest.pulls.create({ owner: "acme", repo: "app", head: "cody/news", base: "main", title: "News" });
    expect(data.user).toMatchObject({ login: "cody-acme[bot]", type: "Bot" });
    expect(await app.login()).toBe("cody-acme[bot]");
  });

  it("for a round about a pull request sees that and what was granted of its checks, and pushes nothing", async () => {
    const { forge, app } = await installed();
    const granted = async () => {
      const { token } = await app.lookingTokenFor("acme/app");
      return forge.admin.tokens().find((one) => one.token === token)!.installation!.permissions;
    };
    const looking = { contents: "read", metadata: "read", pull_requests: "read" };
    expect(await granted()).toEqual(looking);
    const checks = { checks: "read", statuses: "read", actions: "read" } as const;
    Object.assign(forge.admin.app()!.permissions, checks);
    expect(await granted()).toEqual({ ...looking, ...checks });
  });

  it("opens nothing any more after an hour, by REST or by git", async () => {
    const { forge, app, ahead } = await installed();
    const { token } = await app.tokenFor("acme/app", WRITING);
    ahead.forge = HOUR_MS + 1_000;
    const get = forge.client(token).rest.repos.get({ owner: "acme", repo: "app" });
    await expect(get).rejects.toMatchObject({ status: 401 });
    const clone = gitOverHttp(scratchFolder(), "clone", urlWith(forge, token, "acme/app"), "x");
    await expect(clone).rejects.toThrow();
  });

  it("is refused with a reason where GitHub gives none", async () => {
    const { app, open } = await installed();
    expect(await refusal(app.tokenFor("other/app", READING), "other/app")).toBe("app-not-installed");
    expect(await refusal(app.tokenFor("acme/missing", READING))).toBe("app-not-installed");
    expect(await refusal(open("1").tokenFor("acme/app", READING))).toBe("github-app");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const stranger = open(`${APP_ID}`, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    expect(await refusal(stranger.tokenFor("acme/app", READING))).toBe("github-app");
  });

  it("never holds more than the app was granted", async () => {
    const { app } = await installed({ permissions: { contents: "read", metadata: "read" } });
    await app.tokenFor("acme/app", READING);
    expect(await refusal(app.tokenFor("acme/app", WRITING))).toBe("app-permissions");
  });

  it("is refused while the installation is suspended", async () => {
    const installations = [{ id: 1, account: "acme", suspendedAt: "2026-11-22T10:00:00Z" }];
    const { app } = await installed({ installations });
    expect(await refusal(app.tokenFor("acme/app", READING))).toBe("app-suspended");
    expect(await app.readers()).toEqual([]);
  });
});

describe("reading through the app", () => {
  it("lists what all installations reach and the patterns allow, and nothing else", async () => {
    const { forge, app } = await installed();
    const names = async (patterns: string) =>
      (await listInstalled(await app.readers(), parsePatterns(patterns))).map(({ name }) => name);
    expect(await names("")).toEqual(["acme/app", "acme/lib"]);
    const { id } = forge.admin.repository("other/app");
    forge.admin.app()!.installations.push({ id: 2, account: "other", repositoryIds: [id], suspendedAt: null });
    expect(await names("")).toEqual(["acme/app", "acme/lib", "other/app"]);
    expect(await names("acme/app")).toEqual(["acme/app"]);
  });

  it("sees whether pull requests are open where its owner granted that; elsewhere nothing is known of them", async () => {
    for (const [permissions, known] of [
      [{ contents: "read", metadata: "read", pull_requests: "read" }, { 7: "closed" }],
      [{ contents: "read", metadata: "read" }, {}],
    ] as const) {
      const { app } = await installed({ permissions });
      const look = await inspectRepository(await app.readerOf("acme/app"), "acme/app", { pullRequests: [7] });
      expect(look).toMatchObject({ ok: true, baseBranch: "main" });
      expect(look.ok && look.pullRequests).toEqual(known);
    }
  });

  it("recognises a renamed repository, and makes a new token before the old one ends", async () => {
    const { forge, app, ahead } = await installed();
    const look = async (name: string) => inspectRepository(await app.readerOf(name), name);
    expect(await look("acme/app")).toMatchObject({ ok: true, name: "acme/app" });
    forge.admin.rename("acme/app", "acme/web");
    expect(await look("acme/app")).toMatchObject({ ok: false, reason: { code: "renamed" } });
    const given = () => forge.admin.tokens().filter(({ installation }) => installation).length;
    expect(given()).toBe(1);
    ahead.app = HOUR_MS - 60_000;
    expect(await look("acme/web")).toMatchObject({ ok: true });
    expect(given()).toBe(2);
  });
});

describe("a clock that is wrong", () => {
  it.each([-2 * HOUR_MS, 2 * HOUR_MS])("by %d ms makes tokens as often as GitHub's own does", async (wrongByMs) => {
    const { forge, app, ahead } = await installed();
    const given = () => forge.admin.tokens().filter(({ installation }) => installation).length;
    ahead.app = wrongByMs;
    await app.readerOf("acme/app");
    ahead.app = wrongByMs + HOUR_MS / 2;
    await app.readerOf("acme/app");
    expect(given()).toBe(1);
    ahead.app = wrongByMs + HOUR_MS + 60_000;
    ahead.forge = HOUR_MS + 60_000;
    expect(await inspectRepository(await app.readerOf("acme/app"), "acme/app")).toMatchObject({ ok: true });
    expect(given()).toBe(2);
  });
});

describe("the forge checks the app's tokens", () => {
  const jwt = (key: string, claims: object, header: object = { alg: "RS256", typ: "JWT" }) => {
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${text}.${createSign("sha256").update(text).sign(key).toString("base64url")}`;
  };
  const nowS = () => Math.floor(Date.now() / 1_000);

  it.each<[string, (now: number) => object, object?]>([
    ["lives for more than ten minutes", (now) => ({ iss: APP_ID, iat: now, exp: now + 3_600 })],
    ["has ended", (now) => ({ iss: APP_ID, iat: now - 700, exp: now - 100 })],
    ["is of tomorrow", (now) => ({ iss: APP_ID, iat: now + 300, exp: now + 400 })],
    ["names another app", (now) => ({ iss: 1, iat: now, exp: now + 60 })],
    ["says that it is not signed", (now) => ({ iss: APP_ID, iat: now, exp: now + 60 }), { alg: "none" }],
  ])("refuses a JWT that %s", async (_, claims, header) => {
    const { forge, privateKey } = await installed();
    const ask = async (token: string) =>
      (await fetch(`${forge.apiUrl}/app`, { headers: { authorization: `Bearer ${token}`, "user-agent": "test" } }))
        .status;
    expect(await ask(jwt(privateKey, { iss: APP_ID, iat: nowS(), exp: nowS() + 60 }))).toBe(200);
    expect(await ask(jwt(privateKey, claims(nowS()), header))).toBe(401);
    expect(await ask(forge.writeToken)).toBe(401);
  });
});

describe("the app's key", () => {
  it("is taken as GitHub gives it, and from one line", async () => {
    const { privateKey, variables } = await installed();
    expect(variables.GITHUB_APP_KEY).not.toContain("\n");
    expect(parseAppKey(variables.GITHUB_APP_KEY)).toBe(parseAppKey(privateKey));
  });

  it("is refused without a word of it", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const other = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const text of ["", "secret words", other]) {
      expect(() => parseAppKey(text)).toThrow(/^must be an RSA private key in PEM, as GitHub gives it/);
    }
  });
});
