import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseRegistries, parseRegistryCredentials, secretPartsOf } from "../../../packages/config/registries.ts";
import { createRedactor } from "../../../packages/secrets/redact.ts";
import {
  get,
  inside,
  type Proxied,
  type StandIn,
  startProxied,
  startStandIn,
  statusOf,
  THROUGH_MIRROR,
} from "./stand-in.ts";

const OWN = parseRegistries(
  JSON.stringify([
    { ecosystem: "npm", host: "own.example", path: "/private/", names: ["@acme/*", "acme-core"], credential: "acme" },
    { ecosystem: "maven", host: "own.example", path: "/maven/", names: ["com.acme.*"], credential: "nexus" },
    { ecosystem: "pypi", host: "own.example", path: "/open/", names: ["acme-*"] },
    { ecosystem: "go", host: "own.example", path: "/go/", names: ["git.acme.com/*"] },
    { ecosystem: "rubygems", host: "own.example", path: "/gems/", names: ["acme_gem"] },
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
  proxy = await startProxied(standIn, {
    own: OWN,
    credentials,
    registryLimits: { unknownNames: 20, unknownPaths: 40 },
  });
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

  test.for([
    ...["/other/x", "/private", "/private/../open/x", "/private%2f..%2fopen/x"],
    // Java's servers read a step up in each of these.
    ...["/private/..;/open/x", "/private/..;a=b/open/x", "/private/..%3b/open/x", "/private/.;/../open/x"],
    ...["/private/%2e%2e;/open/x", "/private/a;/..;/..;/open/x", "/private/..%5copen/x", "/private/..%00/open/x"],
  ])("is no way to %s", async (path) => {
    expect(statusOf(await get(proxy, "own.example", path))).toBe(403);
    expect(arrived()).toEqual([]);
  });

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

  test("a redirect of one that keeps its files elsewhere is followed here, and no client can go there", async () => {
    standIn.answers = (asked, answer) =>
      asked.headers.host === "distributions.example"
        ? answer.writeHead(307, { location: "https://store.example/releases/a.zip?signature=x" }).end()
        : answer.end(`read ${asked.headers.host}${asked.url}`);
    expect(await get(proxy, "distributions.example", "/distributions/gradle-8.14.3-bin.zip")).toContain(
      "read store.example/releases/a.zip?signature=x",
    );
    expect(JSON.stringify(proxy.log)).not.toContain("signature");
    for (const path of ["/distributions/", "/distributions/gradle-8.14.3-src.zip", "/versions/all"])
      expect(statusOf(await get(proxy, "distributions.example", path))).toBe(403);
    expect(await get(proxy, "store.example", "/releases/a.zip")).not.toContain("read store.example");
    expect(arrived().map(([, host]) => host)).toEqual(["distributions.example", "store.example"]);
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
    ["rubygems.example", "/info/acme_gem"],
    ["rubygems.example", "/gems/acme_gem-1.0.0.gem"],
    ["rubygems.example", "/gems/acme_gem-1.0.0.rc1-x86_64-linux.gem"],
    ["rubygems.example", "/quick/Marshal.4.8/acme_gem-1.0.0.gemspec.rz"],
    ["npm.example", "/%40acme%2fui"],
    ["npm.example", "/@acme%2Fui/1.0.0"],
    ["npm.example", "/-/package/@acme/ui/dist-tags"],
    ["npm.example", "/%61cme-core"],
    ["pypi.example", "/simple/acme--__..tools/"],
    ["maven.example", "/maven2/com/acme/lib/maven-metadata.xml"],
    ["maven.example", "/maven2/COM/Acme/lib/1.0/lib-1.0.jar"],
    ["go.example", "/git.!acme.com/lib/@v/v1.0.0.zip"],
    ["go.example", `${THROUGH_MIRROR}/lookup/git.acme.com/lib@v1.0.0`],
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
    ["rubygems.example", "/gems/acme_gem_extra-1.0.0.gem"],
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

describe("what no registry has given out is bounded in a run", () => {
  const ask = async (path: string, host = "npm.example") => statusOf(await get(proxy, host, path));

  test("names that are only redirected are not known", async () => {
    standIn.answers = (asked, answer) => answer.writeHead(301, { location: `${asked.url}/` }).end();
    for (let i = 0; i < 20; i++) expect(await ask(`/simple/data-${i}`, "pypi.example")).toBe(301);
    expect(await ask("/simple/data-20", "pypi.example")).toBe(429);
    expect(arrived()).toHaveLength(20);
  });

  test("names that are asked for at once, before any is answered", async () => {
    standIn.answers = (_, answer) => void setTimeout(() => answer.writeHead(404).end(), 50);
    const all = await Promise.all(Array.from({ length: 60 }, (_, i) => ask(`/data-${i}`)));
    expect(all.filter((status) => status === 404)).toHaveLength(20);
    expect(arrived()).toHaveLength(20);
  });

  test("names whose answer is never waited for", async () => {
    standIn.answers = () => {};
    for (let i = 0; i < 20; i++) {
      const before = arrived().length;
      const client = (await inside(proxy, "npm.example"))!;
      client.write(`GET /data-${i} HTTP/1.1\r\nHost: npm.example\r\n\r\n`);
      await expect.poll(() => arrived().length, { interval: 2 }).toBe(before + 1);
      client.destroy();
    }
    expect(await ask("/data-20")).toBe(429);
  });

  test.for([
    ["versions", "npm.example", (data: number) => `/known/${data}`],
    ["files", "npm.example", (data: number) => `/known/-/known-${data}.tgz`],
    ["files of a folder", "maven.example", (data: number) => `/maven2/com/known/1/${data}`],
    ["revisions of a module", "go.example", (data: number) => `/github.com/known/known/@v/${data}.info`],
    ["parts of a database", "sum.example", (data: number) => `/tile/8/0/x${data + 100}/000`],
  ] as const)("%s of a package that is known", async ([_, host, path]) => {
    standIn.answers = (asked, answer) => answer.writeHead(/known$|list$|a\.pom$/.test(asked.url!) ? 200 : 404).end();
    await ask("/known");
    await ask("/maven2/com/known/1/a.pom", "maven.example");
    await ask("/github.com/known/known/@v/list", "go.example");
    standIn.forget();
    for (let i = 0; i < 42; i++) await ask(path(i), host);
    expect(arrived()).toHaveLength(40);
    expect(await ask(path(41), host)).toBe(429);
    expect([...proxy.refusals].join()).toContain("no further ones are looked up in this run");
  });

  test("what is there costs nothing, also after it was asked for elsewhere", async () => {
    standIn.answers = (asked, answer) => answer.writeHead(asked.headers.host === "maven.example" ? 200 : 404).end();
    for (let i = 0; i < 60; i++) expect(await ask(`/maven2/org/a${i}/1/a-1.pom`, "maven.example")).toBe(200);
    expect(await ask("/new")).toBe(404);
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

  test.for(["/lookup/", `${THROUGH_MIRROR}/lookup/`])(
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
    expect(await sent("go.example", `${THROUGH_MIRROR}/evil`)).toEqual([403, undefined]);
    // A database of any other name would be asked at the host of that name.
    for (const path of ["/lookup/github.com/a/b@v1.0.0", "/supported", "/latest", "/tile/8/0/000"])
      expect(await sent("go.example", `/sumdb/evil.example${path}`)).toEqual([403, undefined]);
    for (const path of ["/tile/data-to-send/0/000", "/tile/8/0/data", "/tile/8/0/000.p/data"])
      expect(await sent("sum.example", path)).toEqual([403, undefined]);
    for (const path of ["/tile/8/0/x001/234", "/tile/8/data/x001/x234/567.p/12", "/latest"])
      expect((await sent("sum.example", path))[0]).toBe(200);
    expect(await sent("go.example", "/evil.example/@v/../x/@v/list")).toEqual([403, undefined]);
  });
});
