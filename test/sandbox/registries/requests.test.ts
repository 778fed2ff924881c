import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  get,
  gone,
  inside,
  outer,
  type Proxied,
  raw,
  type StandIn,
  startProxied,
  startStandIn,
  statusOf,
} from "./stand-in.ts";

let standIn: StandIn;
let proxy: Proxied;
beforeAll(async () => {
  standIn = await startStandIn();
  proxy = await startProxied(standIn);
});
beforeEach(() => standIn.forget());
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await standIn[Symbol.asyncDispose]();
});

const lines = (...all: string[]) => [...all, "", ""].join("\r\n");
const HOST = "Host: npm.example";

test("a package is read, and what the client says of itself stays here", async () => {
  const answer = await get(proxy, "npm.example", "/@types%2fnode", [
    ...["Accept: application/json", 'If-None-Match: "abc"', "Range: bytes=0-99", "User-Agent: evil/1"],
    ...["Authorization: Bearer stolen", "Cookie: a=stolen", "X-HTTP-Method-Override: PUT", "X-NuGet-ApiKey: stolen"],
    ...[
      "X-Own: stolen",
      "npm-session: stolen",
      "Referer: https://stolen.example",
      `Accept-Encoding: ${"x".repeat(8_000)}`,
    ],
  ]);
  expect(answer).toContain("read /@types%2fnode");
  expect(standIn.arrived().split("\r\n").filter(Boolean)).toEqual([
    "GET /@types%2fnode HTTP/1.1",
    "accept: application/json",
    'if-none-match: "abc"',
    "range: bytes=0-99",
    "user-agent: cody-batch (npm)",
    "host: npm.example",
  ]);
});

describe("nothing goes upstream", () => {
  const body = `${lines("Content-Length: 4")}body`;
  test.for([
    ...["PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"].map(
      (method) => [`by ${method}`, `${method} /evil HTTP/1.1\r\n${HOST}\r\n${body}`, 405] as const,
    ),
    ["by a method that does not exist", lines("STEAL /x HTTP/1.1", HOST), 0],
    ["with a body", `GET /x HTTP/1.1\r\n${HOST}\r\n${body}`, 400],
    [
      "with a body in chunks",
      `${lines("GET /x HTTP/1.1", HOST, "Transfer-Encoding: chunked")}4\r\nbody\r\n0\r\n\r\n`,
      400,
    ],
    [
      "with two ways to count a body",
      `${lines("GET /x HTTP/1.1", HOST, "Content-Length: 4", "Transfer-Encoding: chunked")}body`,
      0,
    ],
    ["with two lengths", lines("GET /x HTTP/1.1", HOST, "Content-Length: 0", "Content-Length: 4"), 0],
    ["with a header over two lines", lines("GET /x HTTP/1.1", HOST, "Accept: a\r\n b"), 0],
    ["with bare line ends", `GET /x HTTP/1.1\n${HOST}\n\n`, 0],
    ["that expects 100", lines("GET /x HTTP/1.1", HOST, "Expect: 100-continue"), 400],
    ["that expects something else", lines("GET /x HTTP/1.1", HOST, "Expect: wonders"), 400],
    ["to another host", lines("GET /x HTTP/1.1", "Host: evil.example"), 421],
    ["to another listed host", lines("GET /x HTTP/1.1", "Host: pypi.example"), 421],
    ["to two hosts", lines("GET /x HTTP/1.1", HOST, "Host: evil.example"), 421],
    ["twice to the same host", lines("GET /x HTTP/1.1", HOST, HOST), 421],
    ["to no host", lines("GET /x HTTP/1.1"), 400],
    ["to another port", lines("GET /x HTTP/1.1", "Host: npm.example:444"), 421],
    ["with a whole address", lines("GET https://evil.example/x HTTP/1.1", HOST), 403],
    ["with the whole address of this host", lines("GET https://npm.example/x HTTP/1.1", HOST), 403],
    ["by CONNECT inside", lines("CONNECT evil.example:443 HTTP/1.1", HOST), 403],
    ["as a websocket", lines("GET /x HTTP/1.1", HOST, "Connection: Upgrade", "Upgrade: websocket"), 403],
    [
      "as h2c",
      lines("GET /x HTTP/1.1", HOST, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA"),
      403,
    ],
    ["as HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0],
  ] as const)("%s", async ([_, text, status]) => {
    const answer = await raw(proxy, "npm.example", text);
    expect(standIn.arrived()).toBe("");
    if (status > 0) expect(statusOf(answer)).toBe(status);
    expect(answer).not.toMatch(/HTTP\/1\.1 (100|2)/);
  });

  test("of what follows a refused request on its connection", async () => {
    const good = lines("GET /good HTTP/1.1", HOST);
    expect(statusOf(await raw(proxy, "npm.example", lines("PUT /x HTTP/1.1", HOST) + good + good))).toBe(405);
    expect(standIn.arrived()).toBe("");
  });

  test("to another host on a connection that has served", async () => {
    const answer = await raw(
      proxy,
      "npm.example",
      lines("GET /a HTTP/1.1", HOST) + lines("GET /b HTTP/1.1", "Host: evil.example"),
    );
    expect(answer).toContain("read /a");
    expect(answer).toContain("HTTP/1.1 421");
    expect(standIn.arrived()).not.toContain("/b");
  });

  test.for([
    ["climbs", "/a/../b"],
    ["climbs behind a code", "/a/%2e%2e/b"],
    ["climbs behind two codes", "/a/%252e%252e/b"],
    ["has an empty step", "//evil"],
    ["has a backslash", "/a\\b"],
    ["has a coded backslash", "/a%5cb"],
    ["has a NUL", "/a%00b"],
    ["hides a slash", "/a%2fb"],
    ["has a query", `/a?data=${"x".repeat(2_000)}`],
    ["has a short query", "/a?x=1"],
    ["is long", `/${"a".repeat(512)}`],
    ["is not Latin", "/b%C3%BCcher"],
    ["is broken", "/a%zz"],
    ["is of no package", "/-/v1/search"],
    ["lists tokens", "/-/npm/v1/tokens"],
  ])("of a path that %s", async ([_, path]) => {
    expect(statusOf(await get(proxy, "npm.example", path!))).toBe(403);
    expect(standIn.arrived()).toBe("");
  });
});

describe("CONNECT", () => {
  test.for([
    ...["127.0.0.1:443", "[::1]:443", "169.254.169.254:443", "2130706433:443", "0x7f000001:443", "npm.example.:443"],
    ...[
      "NPM.example:443",
      "user@npm.example:443",
      "npm.example:80",
      "npm.example:22",
      "npm.example",
      "evil.example:443",
    ],
    ...[`${"a".repeat(255)}:443`, "xn--npm-0ra.example:443", "sub.npm.example:443", "npm.example:0443"],
  ])("%s is closed", async (target) => {
    expect(statusOf(await outer(proxy, lines(`CONNECT ${target} HTTP/1.1`, `Host: ${target}`)))).toBe(403);
    expect(standIn.arrived()).toBe("");
  });

  test("a plain request is refused in a sentence that a model can act on", async () => {
    const answer = await outer(proxy, lines("GET http://npm.example/x HTTP/1.1", HOST));
    expect(statusOf(answer)).toBe(403);
    expect(answer).toContain("reads packages from registries by https, and nothing else");
    expect(standIn.arrived()).toBe("");
  });

  test("bytes before the answer, and bytes that are no TLS, lead nowhere", async () => {
    const connected = lines("CONNECT npm.example:443 HTTP/1.1", "Host: npm.example:443");
    expect(statusOf(await outer(proxy, `${connected}GET / HTTP/1.1\r\n`))).toBe(403);
    expect(standIn.arrived()).toBe("");
  });

  test.for([
    ["another name", { servername: "evil.example", checkServerIdentity: () => undefined }],
    ["another listed name", { servername: "pypi.example" }],
    ["no name", { servername: "", checkServerIdentity: () => undefined }],
    ["HTTP/2 alone", { ALPNProtocols: ["h2"] }],
  ] as const)("a TLS handshake with %s has no connection", async ([_, tls]) => {
    const secure = await inside(proxy, "npm.example", tls as object);
    // With TLS 1.3 the client is ready before the server has looked.
    const answer = secure
      ? await new Promise<string>((done) => {
          let got = "";
          secure
            .on("data", (chunk) => {
              got += chunk;
            })
            .on("close", () => done(got))
            .write(lines("GET /x HTTP/1.1", HOST));
        })
      : "";
    expect(answer).toBe("");
    expect(standIn.arrived()).toBe("");
  });

  test.for(["TLSv1.2", "TLSv1.3"] as const)("a session of one host is no way to another (%s)", async (version) => {
    const tls = { minVersion: version, maxVersion: version };
    const first = (await inside(proxy, "npm.example", tls))!;
    let kept = first.getSession();
    first.on("session", (session) => {
      kept = session;
    });
    first.resume().write(lines("GET /x HTTP/1.1", HOST, "Connection: close"));
    await gone(first);
    const second = await inside(proxy, "pypi.example", { ...tls, ...(kept && { session: kept }) });
    expect(second?.isSessionReused()).toBe(false);
    second?.destroy();
  });
});
