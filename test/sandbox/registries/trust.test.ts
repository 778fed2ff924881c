import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { destinations } from "../../../packages/sandbox/proxy/destinations.ts";
import { PROXY_LIMITS } from "../../../packages/sandbox/proxy/outside.ts";
import { REGISTRY_LIMITS, registryHistory } from "../../../packages/sandbox/registries/history.ts";
import { rulesOf } from "../../../packages/sandbox/registries/rules.ts";
import { startRegistryProxy } from "../../../packages/sandbox/registries/server.ts";
import { newIdentity } from "../../../packages/sandbox/registries/trust/identity.ts";
import { get, gone, inside, OPEN, raw, type StandIn, startProxied, startStandIn, statusOf } from "./stand-in.ts";

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn[Symbol.asyncDispose]());

describe("the authority of a command", () => {
  const { certificate, trust } = newIdentity(["npm.example", "pypi.example"], new Date());
  const [root, leaf] = [new X509Certificate(trust.pem), new X509Certificate(certificate)];

  test("vouches for one certificate with all hosts, for three days, and its key is kept nowhere", () => {
    expect([root.ca, leaf.ca, leaf.checkIssued(root), leaf.verify(root.publicKey)]).toEqual([true, false, true, true]);
    expect(leaf.subjectAltName).toBe("DNS:npm.example, DNS:pypi.example");
    expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBe(72 * 3_600_000);
    expect(root.publicKey.equals(leaf.publicKey)).toBe(false);
    expect(Object.keys(newIdentity(["npm.example"], new Date()))).toEqual(["key", "certificate", "trust"]);
  });

  test("is no authority for a host that is not listed, and none for the next command", async () => {
    await using proxy = await startProxied(standIn);
    await using other = await startProxied(standIn);
    const anyName = { checkServerIdentity: () => undefined };
    expect(await inside(proxy, "npm.example", { ca: other.trust!.pem, ...anyName })).toBeUndefined();
    expect(trust.pem).toContain("BEGIN CERTIFICATE");
    // OpenSSL reads the constraint: a certificate by this authority for another name would not be believed.
    expect(root.raw.includes(Buffer.from("0603551d1e0101ff", "hex"))).toBe(true);
  });

  test("an upstream with another's, an unknown or an expired certificate is not asked: 502", async () => {
    const hour = 3_600_000;
    for (const [hosts, at, trusted] of [
      [["evil.example"], Date.now(), true],
      [["npm.example"], Date.now(), false],
      [["npm.example"], Date.now() - 100 * hour, true],
    ] as const) {
      const identity = newIdentity(hosts, new Date(at));
      await using bad = await startStandIn(
        trusted ? identity : { ...identity, trust: newIdentity(hosts, new Date()).trust },
      );
      await using proxy = await startProxied(bad);
      const answer = await get(proxy, "npm.example", "/x");
      expect([statusOf(answer), bad.arrived()]).toEqual([502, ""]);
      expect(answer).toContain("TLS with npm.example failed");
    }
  });

  test("a listed name that leads to this machine is not asked", async () => {
    const rules = rulesOf([{ ...OPEN[0]!, host: "localhost" }], [], new Map());
    const history = registryHistory(REGISTRY_LIMITS);
    const options = { rules, history, policy: destinations(), limits: PROXY_LIMITS };
    await using proxy = await startRegistryProxy({ host: "127.0.0.1", port: 0 }, options);
    const answer = await get(proxy, "localhost", "/x");
    expect(statusOf(answer)).toBe(403);
    expect(answer).toMatch(/not reachable from commands/);
  });
});

describe("what a command can use up", () => {
  const HOST = "Host: npm.example";

  test("slow handshakes and slow headers end", async () => {
    const connectionLimits = { shakeHandsMs: 150, headersMs: 150 };
    await using proxy = await startProxied(standIn, { connectionLimits });
    const socket = connect(proxy.port, "127.0.0.1").on("error", () => {});
    socket.resume().write("CONNECT npm.example:443 HTTP/1.1\r\nHost: npm.example:443\r\n\r\n");
    const began = performance.now();
    await gone(socket);
    expect(await raw(proxy, "npm.example", "GET /x HT")).toBe("");
    // A byte now and then does not help.
    const secure = (await inside(proxy, "npm.example"))!;
    const ended = gone(secure.resume());
    const drip = setInterval(() => secure.write("a"), 40);
    await ended;
    clearInterval(drip);
    // Nor in what follows an answer, which may take longer itself.
    standIn.answers = (_, answer) => void setTimeout(() => answer.end("late"), 300);
    const second = (await inside(proxy, "npm.example"))!;
    second.write(`GET /a HTTP/1.1\r\n${HOST}\r\n\r\n`);
    expect(String((await once(second, "data"))[0])).toContain("200 OK");
    standIn.answers = (asked, answer) => answer.end(`read ${asked.url}`);
    const secondEnded = gone(second.resume());
    second.write("GET /b HTTP/1.1\r\n");
    const secondDrip = setInterval(() => second.write("a"), 40);
    await secondEnded;
    clearInterval(secondDrip);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test("requests that do not wait for answers end their connection before they fill our memory", async () => {
    await using proxy = await startProxied(standIn);
    standIn.forget();
    const pipeline = `GET /a HTTP/1.1\r\n${HOST}\r\n\r\n`.repeat(2_000);
    expect(await raw(proxy, "npm.example", pipeline)).not.toContain("200 OK");
    expect(standIn.arrived().length).toBeLessThan(1_000);
  });

  test("connections beyond the limit are dropped, and the next one after that works", async () => {
    await using proxy = await startProxied(standIn, { limits: { ...PROXY_LIMITS, clients: 8 } });
    const flood = Array.from({ length: 200 }, () => connect(proxy.port, "127.0.0.1").on("error", () => {}));
    await Promise.all(flood.slice(8).map((socket) => gone(socket.resume())));
    for (const socket of flood) socket.destroy();
    await expect.poll(async () => statusOf(await get(proxy, "npm.example", "/x").catch(() => ""))).toBe(200);
  });

  test("an endless answer ends, for itself and for the run", async () => {
    standIn.answers = (_, answer) => {
      const more = () => {
        while (answer.write(Buffer.alloc(16_384)));
      };
      answer.on("drain", more).on("close", () => answer.destroy());
      more();
    };
    for (const limit of [{ answerBytes: 100_000 }, { runBytes: 100_000 }]) {
      await using proxy = await startProxied(standIn, { registryLimits: limit });
      const answer = await get(proxy, "npm.example", "/endless");
      expect(answer.length).toBeLessThan(1_000_000);
      expect([...proxy.refusals].join()).toMatch(/larger than a command may read|all that it may/);
    }
    standIn.answers = (asked, answer) => answer.end(`read ${asked.url}`);
  });

  test("a packed answer passes as it is", async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    standIn.answers = (_, answer) => answer.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    await using proxy = await startProxied(standIn);
    expect((await get(proxy, "npm.example", "/bomb")).length).toBeLessThan(bomb.length + 1_000);
    expect(proxy.log).toMatchObject([{ bytes: bomb.length }]);
    standIn.answers = (asked, answer) => answer.end(`read ${asked.url}`);
  });

  test("when the client goes, or the run ends, the upstream is let go", async () => {
    const let_go = Promise.withResolvers<void>();
    const open = () => {
      standIn.answers = (_, answer) => {
        answer.write("first");
        answer.on("close", () => let_go.resolve());
      };
    };
    open();
    await using proxy = await startProxied(standIn);
    const client = (await inside(proxy, "npm.example"))!;
    client.write(`GET /slow HTTP/1.1\r\n${HOST}\r\n\r\n`);
    await once(client, "data");
    client.destroy();
    await expect(let_go.promise).resolves.toBeUndefined();

    open();
    const other = await startProxied(standIn);
    const second = (await inside(other, "npm.example"))!;
    second.write(`GET /slow HTTP/1.1\r\n${HOST}\r\n\r\n`);
    await once(second, "data");
    const closed = gone(second.resume());
    await other[Symbol.asyncDispose]();
    await closed;
    standIn.answers = (asked, answer) => answer.end(`read ${asked.url}`);
  });

  test("requests go out at the rate of the limit", async () => {
    const history = registryHistory({ ...REGISTRY_LIMITS, requestsPerSecond: 20 });
    const began = performance.now();
    for (let i = 0; i < 26; i++) await history.turn();
    expect(performance.now() - began).toBeGreaterThan(200);
    // Refused ones as well: each is a line of the log.
    await using proxy = await startProxied(standIn, { registryLimits: { requestsPerSecond: 20 } });
    const all = Promise.all(Array.from({ length: 40 }, () => get(proxy, "npm.example", "/x?refused")));
    await expect.poll(() => proxy.log.length, { interval: 5 }).toBeGreaterThan(10);
    expect(proxy.log.length).toBeLessThan(35);
    expect((await all).map(statusOf)).toEqual(Array(40).fill(403));
  });
});

test("on a port only the user of the command is served", async () => {
  const start = (clientUid: number) =>
    startRegistryProxy(
      { host: "127.0.0.1", port: 0, clientUid },
      {
        rules: rulesOf(OPEN, [], new Map()),
        history: registryHistory(REGISTRY_LIMITS),
        policy: destinations(),
        limits: PROXY_LIMITS,
      },
    );
  const answered = async (port: number) => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.end("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return String(Buffer.concat(await socket.toArray().catch(() => [])));
  };
  await using own = await start(process.getuid!());
  await using another = await start(process.getuid!() + 4_711);
  expect(await answered(own.port)).toMatch(/^HTTP\/1\.1 403/);
  expect(await answered(another.port)).toBe("");
});
