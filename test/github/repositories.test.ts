import { describe, expect, it } from "vitest";
import { isAllowed, parsePatterns } from "../../packages/config/patterns.ts";
import { createGitHub } from "../../packages/github/client.ts";
import { inspectRepository } from "../../packages/github/repositories.ts";
import {
  createRepositoryCache,
  listRepositories,
  namedRepositories,
  searchRepositories,
} from "../../packages/github/repository-list.ts";
import { mayPush } from "../../packages/github/rights.ts";
import { createWriteLimiter } from "../../packages/github/write-limiter.ts";
import type { NewRepository } from "../../packages/stand-ins/forge/repositories.ts";
import { cpuMs } from "../cpu-time.ts";
import { git, testForge } from "../stand-ins/forge-fixture.ts";

const HISTORY = { commits: [{ message: "Start\n", date: "2022-01-01T00:00:00Z", files: { README: "hello\n" } }] };

async function forgeWith(...repositories: Partial<NewRepository>[]) {
  const forge = await testForge();
  for (const facts of repositories) await forge.admin.addRepository({ name: "acme/app", from: HISTORY, ...facts });
  return forge;
}

describe("allow patterns", () => {
  it.each([
    ["", "any/thing", true],
    ["acme/*", "acme/app", true],
    ["acme/*", "ACME/App", true],
    ["acme/*", "acme-evil/app", false],
    ["acme/*,other/app", "other/app", true],
    ["acme/*, other/app", "other/app2", false],
    ["acme/svc-*", "acme/svc-orders", true],
    ["acme/svc-*", "acme/web", false],
    ["acme/a.b", "acme/axb", false],
    ["acme/*-*-api", "acme/x-y-api", true],
    ["acme/*", "acme/app/x", false],
    [`acme/${"*".repeat(60)}z`, `acme/${"a".repeat(90)}`, false],
  ])("%s: may %s be used? %s", (text, name, allowed) => {
    expect(isAllowed(parsePatterns(text), name)).toBe(allowed);
  });

  it("that cannot be read are all named at once", () => {
    expect(() => parsePatterns("acme, */app, acme/*, acme/../x, a/b/c")).toThrow(
      "must list owner/name or owner/*, with commas between; not so: entry 1, 2, 4, 5",
    );
  });
});

describe("inspecting a repository before anything is spent on it", () => {
  it("pins the tip of the default branch, under the name as GitHub spells it", async () => {
    const forge = await forgeWith({ name: "Acme/App" });
    expect(await inspectRepository(forge.reader, "acme/app")).toEqual({
      ok: true,
      name: "Acme/App",
      isPrivate: true,
      baseBranch: "main",
      baseCommit: git(forge.admin.gitFolder("acme/app"), "rev-parse", "main"),
    });
  });

  it("takes another base branch, with a slash in its name too", async () => {
    const forge = await forgeWith({});
    git(forge.admin.gitFolder("acme/app"), "branch", "release/1.x", "main");
    expect(await inspectRepository(forge.reader, "acme/app", { baseBranch: "release/1.x" })).toMatchObject({
      ok: true,
      baseBranch: "release/1.x",
    });
  });

  it("says whether the token may change workflows, as far as GitHub tells, in a job that may", async () => {
    const forge = await forgeWith({});
    const look = (scopes: string[] | undefined, ciPermission?: "unknown" | "missing") => {
      const token = `t-${scopes?.join("-") || scopes?.length}`;
      forge.admin.addToken({ token, login: "cody-forge", scope: "write", ...(scopes && { scopes }) });
      const options = { mayChangeCi: true, ...(ciPermission && { ciPermission }) };
      return inspectRepository(forge.client(token), "acme/app", options);
    };
    expect(await look(undefined)).toMatchObject({ ok: true, ciPermission: "unknown" });
    // https://github.com/cli/cli: a token without scopes is that of an integration.
    expect(await look([])).toMatchObject({ ok: true, ciPermission: "unknown" });
    expect(await look(["repo", "workflow"])).toMatchObject({ ok: true, ciPermission: "granted" });
    const missing = {
      ok: false,
      reason: { code: "workflow-permission", nextStep: expect.stringMatching(/scope workflow/) },
    };
    expect(await look(["repo"])).toMatchObject(missing);
    expect(await look(["repo"], "unknown")).toMatchObject({ ok: true, ciPermission: "unknown" });
    expect(await look(undefined, "missing")).toMatchObject(missing);
    expect(await inspectRepository(forge.reader, "acme/app")).not.toHaveProperty("ciPermission");
  });

  const bad: [
    string,
    Partial<NewRepository>,
    { name?: string; baseBranch?: string; patterns?: string },
    string,
    RegExp,
  ][] = [
    ["missing", {}, { name: "acme/none" }, "not-found", /does not exist, or Cody's GitHub token may not see it/],
    ["out of reach", { role: "none" }, {}, "not-found", /does not exist, or/],
    ["archived", { archived: true }, {}, "archived", /acme\/app is archived/],
    ["disabled", { disabled: true }, {}, "disabled", /GitHub has disabled acme\/app/],
    ["empty", { from: undefined }, {}, "empty", /has no commits yet/],
    ["too large", { sizeKb: 3_000_000 }, {}, "too-large", /has 2\.9 GB; Cody takes up to 2\.0 GB/],
    ["without the base branch", {}, { baseBranch: "develop" }, "base-branch-missing", /has no branch develop/],
    ["not among the patterns", {}, { patterns: "other/*" }, "not-allowed", /not among the repositories/],
    ["renamed", {}, { name: "acme/old" }, "renamed", /acme\/old has moved to acme\/app/],
    ["a path", {}, { name: "Org/../x" }, "invalid-name", /"Org\/\.\.\/x" is not a repository's name/],
    ["an option", {}, { name: "acme/--upload-pack=x" }, "invalid-name", /is not a repository's name/],
  ];
  it.each(bad)("refuses one that is %s", async (_, facts, { name = "acme/app", baseBranch, patterns }, code, says) => {
    const forge = await forgeWith({ formerNames: ["acme/old"], ...facts });
    const options = { patterns: parsePatterns(patterns ?? ""), ...(baseBranch && { baseBranch }) };
    const inspected = await inspectRepository(forge.reader, name, options);
    expect(inspected).toMatchObject({ ok: false, reason: { code, message: expect.stringMatching(says) } });
  });

  it.each([
    ["a bad token", { status: 401 }, "github-token"],
    [
      "single sign-on",
      { status: 403, headers: { "x-github-sso": "required; url=https://github.com/orgs/acme/sso" } },
      "single-sign-on",
    ],
    ["a token without the permission", { status: 403 }, "no-permission"],
    ["a conflict, as for a repository without commits", { status: 409 }, "empty"],
    ["a legal block", { status: 451 }, "unavailable"],
  ])("says so when GitHub answers with %s", async (_, fault, code) => {
    const forge = await forgeWith({});
    forge.admin.plan({ kind: "status", path: /repos\/acme\/app/, ...fault });
    expect(await inspectRepository(forge.reader, "acme/app")).toMatchObject({ ok: false, reason: { code } });
  });

  it("rides out an outage, a cut connection and a secondary limit, and throws what lasts", async () => {
    const forge = await forgeWith({});
    forge.admin.plan({ kind: "status", status: 502, path: /repos/, times: 2 });
    expect(await inspectRepository(forge.reader, "acme/app")).toMatchObject({ ok: true });
    forge.admin.plan({ kind: "cut", path: /repos/ });
    expect(await inspectRepository(forge.reader, "acme/app")).toMatchObject({ ok: true });
    forge.admin.plan({ kind: "secondary-limit", retryAfterS: 2, path: /repos/ });
    expect(await inspectRepository(forge.reader, "acme/app")).toMatchObject({ ok: true });
    forge.admin.plan({ kind: "status", status: 503, path: /repos/, times: 10 });
    await expect(inspectRepository(forge.reader, "acme/app")).rejects.toMatchObject({ status: 503 });
  });

  it("says what GitHub failed at and nothing about answers that are expected", async () => {
    const forge = await forgeWith({});
    const said: string[] = [];
    const log = (line: string) => said.push(line);
    const github = createGitHub({ token: forge.readToken, apiUrl: forge.apiUrl, secondMs: 10, log });
    expect(await inspectRepository(github, "acme/missing")).toMatchObject({ ok: false });
    expect(await inspectRepository(github, "acme/app", { baseBranch: "no-such" })).toMatchObject({ ok: false });
    expect(said).toEqual([]);
    forge.admin.plan({ kind: "status", status: 502, path: /repos/, times: 1 });
    expect(await inspectRepository(github, "acme/app")).toMatchObject({ ok: true });
    forge.admin.plan({ kind: "cut", path: /repos/ });
    expect(await inspectRepository(github, "acme/app")).toMatchObject({ ok: true });
    expect(said).toEqual([
      expect.stringMatching(/^GitHub answered 502 to GET \/.*repos\/acme\/app\.$/),
      expect.stringMatching(/^GitHub did not answer GET \/.*repos\/acme\/app: ./),
    ]);
  });

  it("does not wait an hour for a rate limit, nor for a server that says nothing", async () => {
    const forge = await forgeWith({});
    const said: string[] = [];
    const options = {
      token: forge.readToken,
      apiUrl: forge.apiUrl,
      secondMs: 10,
      log: (line: string) => said.push(line),
    };
    forge.admin.plan({ kind: "secondary-limit", retryAfterS: 3_600, path: /repos/ });
    await expect(inspectRepository(createGitHub(options), "acme/app")).rejects.toMatchObject({ status: 403 });
    expect(said.join()).toMatch(/secondary rate limit at GET .*giving up, it frees itself in 3600 s/);
    // It is no answer about the pull request either, as the 403 of a token without that permission is.
    const asked = () => inspectRepository(createGitHub(options), "acme/app", { pullRequests: [7] });
    forge.admin.plan({ kind: "secondary-limit", retryAfterS: 3_600, path: /pulls\/7/ });
    await expect(asked()).rejects.toMatchObject({ status: 403 });
    forge.admin.plan({ kind: "status", status: 403, path: /pulls\/7/ });
    expect(await asked()).toMatchObject({ ok: true, pullRequests: {} });
    forge.admin.plan({ kind: "silence", path: /repos/, times: 10 });
    const quick = createGitHub({ ...options, requestTimeoutMs: 50 });
    await expect(inspectRepository(quick, "acme/app")).rejects.toMatchObject({ status: 500 });
  });
});

describe("the rate of writes", () => {
  it("lets five through at once, then one a second", async () => {
    const { schedule } = createWriteLimiter(40).key("any");
    const start = performance.now();
    const after = () => Math.round((performance.now() - start) / 40);
    const times = await Promise.all(Array.from({ length: 7 }, () => schedule({}, async () => after())));
    expect(times.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(times[5]).toBeGreaterThanOrEqual(1);
    expect(times[6]).toBeGreaterThanOrEqual(2);
  });
});

describe("the list for type-ahead", () => {
  const about = (name: string, facts: Partial<NewRepository> = {}) => ({ name, ...facts });

  it("holds what the token reaches and the patterns allow", async () => {
    const forge = await forgeWith(
      about("acme/orders", { topics: ["backend"], language: "Java" }),
      about("acme/secret", { role: "none" }),
      about("other/app"),
      about("third/app"),
    );
    const list = await listRepositories(forge.reader, parsePatterns("acme/*,other/app,absent/nothing"));
    expect(list.map(({ name }) => name)).toEqual(["acme/orders", "other/app"]);
    expect(list[0]).toMatchObject({ topics: ["backend"], language: "Java", archived: false });
  });

  it.each([
    ["", ["acme/gateway", "acme/orders", "beta/ordinary", "beta/web"]],
    ["ord", ["acme/orders", "beta/ordinary"]],
    ["ORD", ["acme/orders", "beta/ordinary"]],
    ["beta", ["beta/ordinary", "beta/web"]],
    ["acme/o", ["acme/orders"]],
    ["java", ["acme/orders"]],
    ["edge", ["acme/gateway"]],
    ["backend java", ["acme/orders"]],
    ["der", ["acme/orders"]],
    ["shop", ["acme/gateway", "beta/web"]],
    ["attic", []],
    ["nothing like it", []],
  ])("finds by %o", (query, names) => {
    const facts = { description: "", language: null, topics: [], archived: false };
    const list = [
      { ...facts, name: "acme/gateway", topics: ["edge"], description: "Routes the shop" },
      { ...facts, name: "acme/orders", language: "Java", topics: ["backend"] },
      { ...facts, name: "beta/attic", archived: true },
      { ...facts, name: "beta/ordinary" },
      { ...facts, name: "beta/web", description: "The shop" },
    ];
    expect(searchRepositories(list, query).map(({ name }) => name)).toEqual(names);
  });

  it.each([
    ["Raise log4j in acme/orders, please", ["acme/orders"]],
    ["ACME/Orders: fix it. And acme/shop.", ["acme/orders", "acme/shop"]],
    ["see https://github.com/acme/orders/pull/12#issue-3", ["acme/orders"]],
    ["clone git@github.com:acme/orders.git or https://github.example.com/acme/shop.git", ["acme/orders", "acme/shop"]],
    ["as in acme/shop#7 and acme/orders@v2", ["acme/orders", "acme/shop"]],
    ["acme/attic is put away; acme/orders-api is another one, and so is orders", []],
  ])("those that a text names: %s", (text, names) => {
    const facts = { description: "", language: null, topics: [], archived: false };
    const list = ["acme/orders", "acme/shop", "acme/attic"].map((name) => ({ ...facts, name }));
    list[2]!.archived = true;
    expect(namedRepositories(list, text)).toEqual(names);
  });

  it("answers from an aged list at once while it fetches a new one, and survives a failed fetch", async () => {
    let now = 0;
    let fetched = 0;
    const said: string[] = [];
    const load = async () => {
      if (++fetched === 2) throw new Error("GitHub is away");
      return [{ name: `acme/v${fetched}`, description: "", language: null, topics: [], archived: false }];
    };
    const cache = createRepositoryCache({ load, now: () => now, log: (line) => said.push(line), maxAgeMs: 100 });
    const shown = async () => (await cache.list()).map(({ name }) => name).join();
    expect(await Promise.all([shown(), shown()])).toEqual(["acme/v1", "acme/v1"]);
    expect(fetched).toBe(1);
    now = 101;
    expect(await shown()).toBe("acme/v1");
    await new Promise(setImmediate);
    expect(said).toEqual([expect.stringContaining("GitHub is away")]);
    expect(await shown()).toBe("acme/v1");
    await new Promise(setImmediate);
    expect(await shown()).toBe("acme/v3");
  });

  it("searches 5,000 repositories within a key press", () => {
    const list = Array.from({ length: 5_000 }, (_, i) => ({
      name: `acme/service-${i}`,
      description: "One of many services",
      language: "Java",
      topics: ["backend", `team-${i % 40}`],
      archived: false,
    }));
    const took = cpuMs(() => {
      for (const query of ["s", "service-49", "team-7 java", "zzz"]) searchRepositories(list, query);
    });
    expect(took / 4).toBeLessThan(100);
  });
});

describe("what a person may do", () => {
  it("is nothing in a repository that is not there, and what GitHub could not say is not taken for that", async () => {
    const forge = await forgeWith({ people: { ada: "write", bob: "read" } });
    const github = createGitHub({ token: forge.readToken, apiUrl: forge.apiUrl, secondMs: 10 });
    const may = (repository: string, login: string) => mayPush(github, repository, login);
    expect([await may("acme/app", "ada"), await may("acme/app", "bob"), await may("acme/gone", "ada")]).toEqual([
      ...[true, false, false],
    ]);
    forge.admin.plan({ kind: "status", status: 403, path: /collaborators/ });
    await expect(may("acme/app", "ada")).rejects.toThrow();
  });
});
