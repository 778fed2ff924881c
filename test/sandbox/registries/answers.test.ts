import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseRegistries, parseRegistryCredentials, secretPartsOf } from "../../../packages/config/registries.ts";
import { createRedactor } from "../../../packages/secrets/redact.ts";
import { get, type Proxied, type StandIn, startProxied, startStandIn, statusOf } from "./stand-in.ts";

const OWN = parseRegistries(
  JSON.stringify([
    { ecosystem: "npm", host: "own.example", path: "/private/", names: ["@acme/*", "acme-core"], credential: "acme" },
    { ecosystem: "maven", host: "own.example", path: "/maven/", names: ["com.acme.*"], credential: "nexus" },
    { ecosystem: "pypi", host: "own.example", path: "/open/", names: ["acme-*"] },
    { ecosystem: "go", host: "own.example", path: "/go/", names: ["git.acme.com/*"] },
    { ecosystem: "npm", host: "npm.example", path: "/@paid/", credential: "acme" },
  ]),
);
const TOKEN = "acme-token-4711-0815";
const PASSWORD = "a-password-of-nexus";
const credentials = parseRegistryCredentials(`acme=${TOKEN} nexus=reader:${PASSWORD}`);
const SECRETS = secretPartsOf(credentials);

let standIn: StandIn;
let proxy: Proxied;
beforeAll(async () => {
  standIn = await startStandIn();
});
beforeEach(async () => {
  standIn.forget();
  standIn.answers = (asked, answer) => answer.end(`read ${asked.url}`);
  proxy = await startProxied(standIn, { own: OWN, credentials, registryLimits: { unknownNames: 20 } });
});
afterEach(() => proxy[Symbol.asyncDispose]());
afterAll(() => standIn[Symbol.asyncDispose]());

/** Each request that arrived: its line, its host and its credential. */
const arrived = () =>
  standIn
    .arrived()
    .split("\r\n\r\n")
    .filter(Boolean)
    .map((head) => {
      const [line = "", ...headers] = head.split("\r\n");
      const said = (name: string) => headers.find((one) => one.startsWith(`${name}: `))?.slice(name.length + 2);
      return [line.replace(/ HTTP.*/, ""), said("host"), said("authorization")];
    });

describe("a credential", () => {
  test("goes to its own host below its own path, and a client's own one never does", async () => {
    const theirs = ["Authorization: Bearer of-the-client"];
    await get(proxy, "own.example", "/private/@acme%2fui", theirs);
    await get(proxy, "own.example", "/maven/com/acme/a/1/a-1.pom", theirs);
    await get(proxy, "own.example", "/open/simple/a/", theirs);
    await get(proxy, "npm.example", "/@paid/thing", theirs);
    await get(proxy, "npm.example", "/thing", theirs);
    expect(arrived()).toEqual([
      ["GET /private/@acme%2fui", "own.example", `Bearer ${TOKEN}`],
      [
        "GET /maven/com/acme/a/1/a-1.pom",
        "own.example",
        `Basic ${Buffer.from(`reader:${PASSWORD}`).toString("base64")}`,
      ],
      ["GET /open/simple/a/", "own.example", undefined],
      ["GET /@paid/thing", "npm.example", `Bearer ${TOKEN}`],
      ["GET /thing", "npm.example", undefined],
    ]);
  });

  test.for(["/other/x", "/private", "/private/../open/x", "/private%2f..%2fopen/x"])(
    "is no way to %s",
    async (path) => {
      expect(statusOf(await get(proxy, "own.example", path))).toBe(403);
      expect(arrived()).toEqual([]);
    },
  );

  test("opens no more of a public host than its packages", async () => {
    expect(statusOf(await get(proxy, "npm.example", "/@paid/thing/-/whoami"))).toBe(403);
    expect(arrived()).toEqual([]);
  });

  test.for([
    ["to another host", "https://store.example/bucket/a.tgz?signature=x"],
    ["to a public registry", "https://npm.example/thing"],
    ["to another path of the same host", "https://own.example/open/x"],
  ])("is not there after a redirect %s, which is followed here", async ([_, to]) => {
    const target = new URL(to!);
    standIn.answers = (asked, answer) =>
      asked.url === "/private/a"
        ? answer.writeHead(302, { location: to }).end()
        : answer.end(`read ${asked.headers.host}${asked.url}`);
    const answer = await get(proxy, "own.example", "/private/a");
    expect(answer).toContain(`read ${target.host}${target.pathname}${target.search}`);
    expect(answer).not.toContain("signature=x HTTP");
    expect(arrived().map(([, host, credential]) => [host, credential])).toEqual([
      ["own.example", `Bearer ${TOKEN}`],
      [target.host, undefined],
    ]);
    expect(JSON.stringify(proxy.log)).not.toContain("signature");
  });

  test("a redirect below its own path is the client's to follow", async () => {
    standIn.answers = (_, answer) => answer.writeHead(301, { location: "/private/b/" }).end();
    expect(await get(proxy, "own.example", "/private/b")).toMatch(
      /301[\s\S]*location: https:\/\/own\.example\/private\/b\//i,
    );
  });

  test.for([
    ["http", "http://own.example/private/x"],
    ["http elsewhere", "http://127.0.0.1/x"],
    ["no address", "https://user:password@own.example/private/x"],
  ])("a redirect to %s is refused", async ([_, to]) => {
    standIn.answers = (_asked, answer) => answer.writeHead(302, { location: to }).end();
    const answer = await get(proxy, "own.example", "/private/a");
    expect([statusOf(answer), arrived().length]).toEqual([502, 1]);
    expect(answer).not.toContain("location");
  });

  test("redirects in a circle end", async () => {
    standIn.answers = (_, answer) => answer.writeHead(302, { location: "https://store.example/again" }).end();
    expect(statusOf(await get(proxy, "own.example", "/private/a"))).toBe(502);
    expect(arrived()).toHaveLength(4);
  });

  test("does not come back, whatever the registry says of the request", async () => {
    standIn.answers = (asked, answer) =>
      answer
        .writeHead(401, {
          "www-authenticate": `Bearer ${TOKEN}`,
          "set-cookie": TOKEN,
          "x-seen": asked.headers.authorization,
        })
        .end(`${asked.headers.authorization} is not welcome`);
    const answers = [
      await get(proxy, "own.example", "/private/a"),
      await get(proxy, "own.example", "/maven/a/1/a.pom"),
    ].join();
    expect(answers).toMatch(/^HTTP\/1\.1 401/);
    const seen = `${answers}${JSON.stringify(proxy.log)}${[...proxy.refusals].join()}`;
    for (const secret of SECRETS) expect(seen).not.toContain(secret);
  });

  test("is a secret of ours in every form", () => {
    const redactor = createRedactor(SECRETS);
    for (const text of [TOKEN, PASSWORD, Buffer.from(`reader:${PASSWORD}`).toString("base64")])
      expect(redactor.redactOwn(`seen ${text} here`)).not.toContain(text);
  });
});

describe("answers of a public registry", () => {
  test("a redirect is passed on as it is: the next connection is checked", async () => {
    standIn.answers = (_, answer) => answer.writeHead(302, { location: "https://evil.example/x" }).end();
    expect(await get(proxy, "cargo.example", "/config.json")).toMatch(
      /302[\s\S]*location: https:\/\/evil\.example\/x/i,
    );
    expect(await get(proxy, "evil.example", "/x")).toBe("no connection");
    expect(arrived()).toEqual([["GET /config.json", "cargo.example", undefined]]);
  });

  test("keep what clients read, and nothing that speaks of other hosts", async () => {
    const kept = { etag: '"1"', "content-type": "text/x", "x-checksum-sha1": "ab" };
    const dropped = {
      "set-cookie": "a=b",
      "alt-svc": 'h3=":443"',
      "strict-transport-security": "max-age=9",
      "x-own": "1",
    };
    standIn.answers = (_, answer) =>
      answer.writeHead(200, { ...kept, ...dropped, "content-encoding": "gzip" }).end("no gzip");
    const answer = await get(proxy, "maven.example", "/maven2/a/b/1/b-1.pom");
    for (const [name, value] of Object.entries(kept)) expect(answer).toContain(`${name}: ${value}`);
    for (const name of Object.keys(dropped)) expect(answer).not.toContain(name);
    expect(answer).toMatch(/\r\n\r\n[\s\S]*no gzip/);
  });
});

describe("names", () => {
  test.for([
    ["npm.example", "/@acme%2fui"],
    ["npm.example", "/@Acme/ui/-/ui-1.0.0.tgz"],
    ["npm.example", "/acme-core"],
    ["pypi.example", "/simple/Acme_Tools/"],
    ["pypi.example", "/pypi/acme.tools/json"],
    ["maven.example", "/maven2/com/acme/lib/1.0/lib-1.0.pom"],
    ["go.example", "/git.acme.com/lib/@v/list"],
    ["sum.example", "/lookup/git.acme.com/lib@v1.0.0"],
  ])("of the deployment's registries are not asked for at %s%s", async ([host, path]) => {
    const answer = await get(proxy, host!, path!);
    expect(statusOf(answer)).toBe(404);
    expect(answer).toContain("a name of your own registries");
    expect(arrived()).toEqual([]);
  });

  test.for([
    ["npm.example", "/@acmes/ui"],
    ["npm.example", "/acme-core-2"],
    ["maven.example", "/maven2/com/acmecorp/lib/1.0/lib-1.0.pom"],
    ["go.example", "/github.com/acme/lib/@v/list"],
  ])("that only look alike are asked for at %s%s", async ([host, path]) => {
    expect(statusOf(await get(proxy, host!, path!))).toBe(200);
  });

  test("that no registry knows are bounded in a run; those that are known are not", async () => {
    standIn.answers = (asked, answer) => answer.writeHead(asked.url === "/known" ? 200 : 404).end();
    await get(proxy, "npm.example", "/known");
    for (let i = 0; i < 20; i++) await get(proxy, "npm.example", `/data-${i}`);
    standIn.forget();
    expect(statusOf(await get(proxy, "npm.example", "/data-21"))).toBe(429);
    expect(statusOf(await get(proxy, "pypi.example", "/simple/data-22/"))).toBe(429);
    expect(arrived()).toEqual([]);
    expect(statusOf(await get(proxy, "npm.example", "/known"))).toBe(200);
    expect(statusOf(await get(proxy, "npm.example", "/data-3"))).toBe(404);
    expect([...proxy.refusals].join()).toContain("no further names are looked up in this run");
  });
});

describe("Go modules", () => {
  const sent = async (host: string, path: string) => {
    standIn.forget();
    const status = statusOf(await get(proxy, host, path));
    return [status, arrived()[0]?.[0]];
  };

  test("of large services are asked for as they are, others only where the mirror holds them", async () => {
    expect(await sent("go.example", "/github.com/!a/b/@v/v1.0.0+incompatible.mod")).toEqual([
      200,
      "GET /github.com/!a/b/@v/v1.0.0+incompatible.mod",
    ]);
    expect(await sent("go.example", "/evil.example/data/@v/list")).toEqual([
      200,
      "GET /cached-only/evil.example/data/@v/list",
    ]);
    expect(await sent("go.example", "/evil.example/data/@latest")).toEqual([
      200,
      "GET /cached-only/evil.example/data/@latest",
    ]);
    expect(await sent("go.example", "/github.com.evil.example/x/@latest")).toEqual([
      200,
      "GET /cached-only/github.com.evil.example/x/@latest",
    ]);
  });

  test.for(["/lookup/", "/sumdb/sum.example/lookup/"])(
    "are looked up by %s after the mirror gave them out",
    async (lookup) => {
      const host = lookup === "/lookup/" ? "sum.example" : "go.example";
      expect(await sent(host, `${lookup}github.com/a/b@v1.0.0`)).toEqual([200, `GET ${lookup}github.com/a/b@v1.0.0`]);
      expect(await sent(host, `${lookup}evil.example/data@v1.0.0`)).toEqual([404, undefined]);
      standIn.answers = (_, answer) => answer.writeHead(404).end();
      await sent("go.example", "/evil.example/data/@v/v1.0.0.mod");
      expect(await sent(host, `${lookup}evil.example/data@v1.0.0`)).toEqual([404, undefined]);
      standIn.answers = (_, answer) => answer.end();
      await sent("go.example", "/evil.example/data/@v/v1.0.0.mod");
      expect(await sent(host, `${lookup}evil.example/data@v1.0.0`)).toEqual([
        200,
        `GET ${lookup}evil.example/data@v1.0.0`,
      ]);
    },
  );

  test("the way around is closed: /cached-only and other databases are not asked for by clients", async () => {
    expect(await sent("go.example", "/cached-only/evil.example/data/@v/list")).toEqual([403, undefined]);
    expect(await sent("go.example", "/sumdb/sum.example/evil")).toEqual([403, undefined]);
    expect(await sent("go.example", "/evil.example/@v/../x/@v/list")).toEqual([403, undefined]);
  });
});
