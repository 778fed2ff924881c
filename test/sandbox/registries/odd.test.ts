import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { get, type Proxied, raw, type StandIn, startProxied, startStandIn, statusOf } from "./stand-in.ts";

let standIn: StandIn;
let proxy: Proxied;
beforeAll(async () => {
  standIn = await startStandIn();
  proxy = await startProxied(standIn);
});
beforeEach(() => {
  standIn.forget();
  standIn.answers = (asked, answer) => answer.end(`read ${asked.url}`);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await standIn[Symbol.asyncDispose]();
});

const HOST = "Host: npm.example";
const lines = (...all: string[]) => [...all, "", ""].join("\r\n");

describe("nothing of a request in an odd form goes upstream", () => {
  const junk = Array.from({ length: 2_100 }, (_, i) => `${i.toString(36)}:`);
  test.for<[string, string]>([
    ["a second host behind 2,100 headers", lines("GET /x HTTP/1.1", HOST, ...junk, "Host: evil.example")],
    [
      "a body behind 2,100 headers",
      `${lines("GET /x HTTP/1.1", HOST, ...junk, "Content-Length: 4")}data${lines("GET /y HTTP/1.1", HOST)}`,
    ],
    ["headers of 17 KB", lines("GET /x HTTP/1.1", HOST, `X: ${"x".repeat(17_000)}`)],
    ["a method in small letters", lines("get /x HTTP/1.1", HOST)],
    ["a tab in its line", lines("GET\t/x HTTP/1.1", HOST)],
    ["a space in its path", lines("GET /x y HTTP/1.1", HOST)],
    ["no version", `GET /x\r\n${HOST}\r\n\r\n`],
    ["a version that is to come", lines("GET /x HTTP/2.0", HOST)],
    ["a path that is *", lines("GET * HTTP/1.1", HOST)],
    ["no package", lines("GET / HTTP/1.1", HOST)],
    ["a fragment", lines("GET /x#y HTTP/1.1", HOST)],
    ["a user in the whole address", lines("GET https://npm.example@evil.example/x HTTP/1.1", HOST)],
    ["a host without slashes", lines("GET npm.example:443 HTTP/1.1", HOST)],
    ["a host in capitals", lines("GET /x HTTP/1.1", "Host: NPM.EXAMPLE")],
    ["a host with a dot at its end", lines("GET /x HTTP/1.1", "Host: npm.example.")],
    ["a host with a user", lines("GET /x HTTP/1.1", "Host: evil@npm.example")],
    ["a list of hosts", lines("GET /x HTTP/1.1", "Host: npm.example, evil.example")],
    ["a space before the colon", lines("GET /x HTTP/1.1", HOST, "Transfer-Encoding : chunked")],
    ["a NUL in a header", lines("GET /x HTTP/1.1", HOST, "Accept: a\0b")],
    ["a line end alone in a header", lines("GET /x HTTP/1.1", HOST, "Accept: a\rHost: evil.example")],
    ["a header without a name", lines("GET /x HTTP/1.1", HOST, ": x")],
    ["a coding that is none", lines("GET /x HTTP/1.1", HOST, "Transfer-Encoding: identity")],
    ["a coding behind a list", lines("GET /x HTTP/1.1", HOST, "Transfer-Encoding: gzip, chunked")],
    ["a coding in odd letters", lines("GET /x HTTP/1.1", HOST, "Transfer-Encoding: \x0bchunked")],
    ...["+4", "-1", "0x4", "4, 4", "00", " ", "4 0", "99999999999999999999"].map((length): [string, string] => [
      `the length "${length}"`,
      `${lines("GET /x HTTP/1.1", HOST, `Content-Length: ${length}`)}data`,
    ]),
    ["a chunk in place of a request", `4\r\ndata\r\n0\r\n\r\n`],
    ["an answer in place of a request", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
  ])("%s", async ([_, text]) => {
    // What is only cut off at its end waits for more, and is ended here.
    const answer = await raw(proxy, "npm.example", `${text}${lines("DELETE /end HTTP/1.1", HOST)}`);
    expect(standIn.arrived()).toBe("");
    expect(answer).not.toMatch(/HTTP\/1\.1 (1|2)/);
  });

  test.for([
    ["npm.example", "/@acme"],
    ["npm.example", "/@acme%2f%2e%2e/x"],
    ["npm.example", "/@acme%2f..%2fx"],
    ["npm.example", "/@acme%2fui%2f-%2fui-1.0.0.tgz"],
    ["npm.example", "/@acme%252fui"],
    ["npm.example", "/x/-/../../y/-/y-1.0.0.tgz"],
    ["npm.example", "/x/-/x-1.0.0.tgz/extra"],
    ["npm.example", "/-/package/x/access"],
    ["npm.example", "/-/user/org.couchdb.user:x"],
    ["npm.example", "/-/npm/v1/security/advisories/bulk"],
    ["npm.example", "/%ef%bc%8e%ef%bc%8e/x"],
    ["npm.example", "/x%0d%0aHost:%20evil.example"],
    ["npm.example", "/x;/y"],
    ["npm.example", "/.%00."],
    ["pypi.example", "/simple/"],
    ["pypi.example", "/simple/x/?format=json"],
    ["pypi.example", "/legacy/"],
    ["pypi.example", "/pypi"],
    ["maven.example", "/maven2/../service/local"],
    ["maven.example", "/maven2/org/a/"],
    ["maven.example", "/solrsearch/select"],
    ["go.example", "/github.com/a/b/@v/../../../evil.example/x/@v/list"],
    ["go.example", "/github.com/a/b/@v/v1.0.0.info/x"],
    ["go.example", "/evil.example/x@v1.0.0/@v/list"],
    ["go.example", "//evil.example/x/@v/list"],
    ["go.example", "/github.com/a%2f..%2f..%2fevil.example/@v/list"],
    ["cargo.example", "/config.json/../se/rd/serde"],
    ["cargo.example", "/se/rd/serde/extra"],
    ["cargo.example", "/api/v1/crates/new"],
    ["cargo.example", "/me"],
    ["rubygems.example", "/api/v1/gems"],
    ["rubygems.example", "/gems/../api/v1/gems"],
  ])("no package is at %s%s", async ([host, path]) => {
    expect(statusOf(await get(proxy, host!, path!))).toBe(403);
    expect(standIn.arrived()).toBe("");
  });
});

describe("a request in a form that some clients have goes upstream as every other", () => {
  test.for<[string, string]>([
    ["with HTTP/1.0", lines("GET /x HTTP/1.0", HOST)],
    ["with the port in Host", lines("GET /x HTTP/1.1", "Host: npm.example:443", "Connection: close")],
    ["with a body of no bytes", lines("GET /x HTTP/1.1", HOST, "Content-Length: 0", "Connection: close")],
    ["with an empty line before it", `\r\n${lines("GET /x HTTP/1.1", HOST, "Connection: close")}`],
    [
      "with hops that a header names",
      lines("GET /x HTTP/1.1", HOST, "Connection: close, host, accept", "TE: trailers", "Via: 1.1 evil"),
    ],
    ["with the host of a proxy", lines("GET /x HTTP/1.1", HOST, "X-Forwarded-Host: evil", "Connection: close")],
  ])("%s", async ([_, text]) => {
    expect(statusOf(await raw(proxy, "npm.example", text))).toBe(200);
    expect(standIn.arrived()).toBe(lines("GET /x HTTP/1.1", "user-agent: cody-batch (npm)", "host: npm.example"));
  });
});

describe("an answer in an odd form", () => {
  /** Bytes in place of an answer, as a registry gone bad would send them. */
  async function read(bytes: string): Promise<string> {
    standIn.answers = (_, answer) => answer.socket?.end(bytes);
    return await get(proxy, "npm.example", "/x");
  }
  const OK = "HTTP/1.1 200 OK\r\n";
  test.for<[string, string, number]>([
    ["that is none", "hello", 502],
    ["with headers of 40 KB", `${OK}X: ${"x".repeat(40_000)}\r\n\r\n`, 502],
    ["with two lengths", `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`, 502],
    ["with a length and chunks", `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 502],
    ["of another protocol", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", 502],
    ["with a status that is none", "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", 502],
    ["that leads to another protocol", "HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n", 502],
    ["that leads to code", "HTTP/1.1 302 F\r\nLocation: javascript:alert(1)\r\n\r\n", 502],
    ["that leads to a user's place", "HTTP/1.1 302 F\r\nLocation: https://a:b@npm.example/\r\n\r\n", 502],
    ["that leads too far", `HTTP/1.1 302 F\r\nLocation: /${"x".repeat(5_000)}\r\n\r\n`, 502],
  ])("%s is none", async ([_, bytes, status]) => {
    const answer = await read(bytes);
    expect(statusOf(answer)).toBe(status);
    expect(answer).not.toMatch(/location|upgrade: x/i);
  });

  test("that promises more than comes is cut off, and the rest is not waited for", async () => {
    expect(await read(`${OK}Content-Length: 100\r\n\r\npart`)).toMatch(/content-length: 100[\s\S]*part$/i);
  });

  test("behind another one is no answer to the next request", async () => {
    standIn.answers = (_, answer) =>
      answer.socket?.write(`${OK}Content-Length: 5\r\n\r\nfirst${OK}Content-Length: 6\r\n\r\nforged`);
    expect(await get(proxy, "npm.example", "/x")).toContain("first");
    standIn.answers = (asked, answer) => answer.end(`read ${asked.url}`);
    expect(await get(proxy, "npm.example", "/y")).toContain("read /y");
  });

  test("with early hints keeps them to itself", async () => {
    const answer = await read(`HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n${OK}Content-Length: 4\r\n\r\nbody`);
    expect(answer).toMatch(/^HTTP\/1\.1 200[\s\S]*body$/);
  });
});
