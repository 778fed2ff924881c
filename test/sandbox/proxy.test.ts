import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttp, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, connect, createServer as createTcp, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseAuthority, parsePrivateHosts } from "../../packages/config/hosts.ts";
import { addressKind } from "../../packages/sandbox/proxy/addresses.ts";
import { connectionLimit } from "../../packages/sandbox/proxy/connections.ts";
import { destinations, type Policy } from "../../packages/sandbox/proxy/destinations.ts";
import { limitsFor, PROXY_LIMITS, type ProxyLimits } from "../../packages/sandbox/proxy/outside.ts";
import { type RunningProxy, startProxy } from "../../packages/sandbox/proxy/server.ts";

describe("an address is", () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);
  const KINDS = {
    public: [
      "93.184.215.14",
      "172.15.0.1",
      "172.32.0.1",
      "100.63.0.1",
      "100.128.0.1",
      "2606:4700::1111",
      "2a00:1450::1",
    ],
    private: ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.7.7", "100.64.0.1", "fc00::1", "fd12:3456::1"],
    closed: [
      ...["127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.170.2", "224.0.0.1"],
      ...["240.0.0.1", "255.255.255.255", "192.0.0.192", "198.18.0.1", "192.0.2.1", "203.0.113.9"],
      ...["::1", "::", "::7f00:1", "::5db8:d70e", "fe80::1", "fec0::1", "ff02::1", "fd00:ec2::254", "fd20:ce::254"],
      ...["::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:93.184.215.14", "::ffff:0:93.184.215.14", "100::1"],
      ...["64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::5db8:d70e", "64:ff9b:1:ffff::a00:1"],
      ...["2002:7f00:1::1", "2002:a00:1::", "2001::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1"],
      ...["100.100.100.200", "168.63.129.16", "fe80::1%lo", "2606:4700::1111%1", "not an address", "0177.0.0.1", ""],
      ...own,
    ],
  };
  test.for(Object.entries(KINDS).flatMap(([kind, all]) => all.map((address) => [kind, address] as const)))(
    "%s: %s",
    ([kind, address]) => {
      expect(addressKind(address)).toBe(kind);
    },
  );

  test("what DNS64 made of it: the address in its last bits decides", () => {
    expect(addressKind("64:ff9b::5db8:d70e")).toBe("public");
    expect(addressKind("64:ff9b::a01:203")).toBe("private");
  });
});

describe("destinations", () => {
  const rules = destinations(parsePrivateHosts("Nexus.example.com., 10.1.2.3:8081 registry.corp:5000"));
  const said = (host: string, port: number, address: string) =>
    rules.refuses({ host, port }) ?? rules.refusesAddress({ host, port }, address);

  test.for([
    ["packages.example", 443, "104.16.0.1"],
    ["deb.debian.org", 80, "151.101.0.1"],
    ["nexus.example.com", 443, "10.9.9.9"],
    ["nexus.example.com", 80, "fd12::1"],
    ["10.1.2.3", 8081, "10.1.2.3"],
    ["registry.corp", 5000, "192.168.1.1"],
  ] as const)("%s:%i at %s is open", ([host, port, address]) => {
    expect(said(host, port, address)).toBeUndefined();
  });

  test.for([
    ["github.com", 22, "140.82.121.4", /ports 80 and 443/],
    ["evil.example", 443, "10.9.9.9", /private address \(10\.9\.9\.9\).*CODY_PRIVATE_HOSTS=evil\.example/],
    ["nexus.example.com", 8081, "10.9.9.9", /closed/],
    ["nexus.example.com", 443, "127.0.0.1", /not reachable/],
    ["nexus.example.com", 443, "169.254.169.254", /not reachable/],
    ["10.1.2.3", 443, "10.1.2.3", /private address/],
    ["sub.nexus.example.com", 443, "10.9.9.9", /private address/],
  ] as const)("%s:%i at %s is closed, and says why", ([host, port, address, why]) => {
    expect(said(host, port, address)).toMatch(why);
  });

  test("what CONNECT names is a host and a port and nothing else, in the form of a URL", () => {
    expect(parseAuthority("EXAMPLE.com.:443")).toEqual({ host: "example.com", port: 443 });
    expect(parseAuthority("2130706433:80")).toEqual({ host: "127.0.0.1", port: 80 });
    expect(parseAuthority("0x7f.1:80")).toEqual({ host: "127.0.0.1", port: 80 });
    expect(parseAuthority("[::FFFF:127.0.0.1]:80")).toEqual({ host: "::ffff:7f00:1", port: 80 });
    const wrong = ["example.com", "example.com:0", "example.com:65536", "example.com:", ":443", "u:p@example.com:443"];
    const odd = [
      "example.com:443/x",
      "http://example.com:443",
      "[::1%25lo]:80",
      "bücher.example:443",
      "a b:1",
      "a:1:2",
    ];
    for (const text of [...wrong, ...odd, `${"a".repeat(300)}:443`]) expect(parseAuthority(text), text).toBeUndefined();
  });

  test("a list that cannot be read is refused by its first wrong entry", () => {
    for (const entry of ["https://x", "a/b", "a:b", "*.corp", "a:99999"])
      expect(() => parsePrivateHosts(`fine.example,${entry}`)).toThrow("entry 2 is neither");
    expect(parsePrivateHosts("")).toEqual([]);
  });
});

describe("the proxy", () => {
  const ANY: Policy = { refuses: () => undefined, refusesAddress: () => undefined };
  const QUICK: ProxyLimits = { clients: 20, connections: 4, connectTimeoutMs: 300, idleMs: 400 };
  const servers: { close(): void }[] = [];
  const sockets = new Set<Socket>();
  const listening = async <S extends Server | ReturnType<typeof createTcp>>(server: S): Promise<number> => {
    servers.push(server.listen(0, "127.0.0.1"));
    server.on("connection", (socket: Socket) => {
      sockets.add(socket.on("close", () => sockets.delete(socket)));
    });
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  let echo = 0;
  let silent = 0;
  let raw = 0;
  let received = "";
  let says = "";
  let proxy: RunningProxy;
  const openProxy = async (policy = ANY, limits = QUICK) => {
    await proxy?.[Symbol.asyncDispose]();
    proxy = await startProxy({ host: "127.0.0.1", port: 0 }, policy, limits);
  };

  beforeEach(() => {
    says = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  });
  beforeAll(async () => {
    echo = await listening(
      createHttp(async (asked, answer) => {
        const body = (await asked.toArray()).join("");
        answer.setHeader("x-secret", "hop").setHeader("connection", "x-secret");
        answer.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body }));
      }),
    );
    silent = await listening(createTcp(() => {}));
    raw = await listening(
      createTcp((socket) => {
        socket.on("data", (bytes) => {
          received += bytes.toString("latin1");
          socket.write(Buffer.from(says, "latin1"));
        });
      }),
    );
    await openProxy();
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    received = "";
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    for (const server of servers) server.close();
  });

  /** Bytes as they are, and the whole answer until the proxy hangs up or `until` came. */
  async function say(text: string, until?: string): Promise<string> {
    const socket = connect(proxy.port, "127.0.0.1");
    let answer = "";
    socket.on("error", () => {});
    socket.write(text);
    for await (const chunk of socket) {
      answer += chunk;
      if (until && answer.includes(until)) break;
    }
    socket.destroy();
    return answer;
  }
  const get = (url: string, headers = "") =>
    say(`GET ${url} HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n${headers}\r\n`);

  test("forwards a plain request to the host of its line, whatever its Host says, without what is for one hop", async () => {
    const answer = await get(
      `http://localhost:${echo}/a?b=c`,
      "X-Own: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nProxy-Authorization: Basic eDp5\r\nExpect: 100-continue\r\n",
    );
    expect(answer).toMatch(/200 OK/);
    expect(answer).not.toMatch(/x-secret/i);
    const seen = JSON.parse(answer.slice(answer.lastIndexOf('{"method"'), answer.lastIndexOf("}") + 1));
    expect(seen).toMatchObject({ method: "GET", url: "/a?b=c" });
    expect(seen.headers).toEqual({ host: `localhost:${echo}`, "x-own": "1", connection: expect.any(String) });
  });

  test("CONNECT passes bytes both ways, also those that came with the request", async () => {
    const head = `CONNECT 127.0.0.1:${echo} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answer = await say(`${head}GET /tunnelled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 Connection established\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*"\/tunnelled"/);
  });

  test("a body keeps its end: what follows it is never a request of its own", async () => {
    const second = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    const chunked = `${second.length.toString(16)}\r\n${second}\r\n0\r\n\r\n`;
    const head = `HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
    for (const method of ["GET", "DELETE", "POST"]) {
      received = "";
      await say(`${method} http://127.0.0.1:${raw}/ ${head}${chunked}`, "ok");
      expect(received).toMatch(/^transfer-encoding: chunked\r$/im);
      expect(received).toContain(`\r\n\r\n${second.length.toString(16)}\r\n${second}`);
    }
    received = "";
    await say(
      `POST http://127.0.0.1:${raw}/ HTTP/1.1\r\nHost: x\r\nConnection: content-length\r\nContent-Length: 4\r\n\r\nbody`,
      "ok",
    );
    expect(received).toMatch(/content-length: 4\r[\s\S]*\r\n\r\nbody$/i);
  });

  test.for([
    ["two lengths", "POST", "Content-Length: 4\r\nContent-Length: 5", 400],
    ["a length and chunks", "POST", "Content-Length: 4\r\nTransfer-Encoding: chunked", 400],
    ["a folded header", "GET", "X-A: b\r\n c", 400],
    ["a space before the colon", "GET", "X-A : b", 400],
    ["an unknown transfer encoding", "POST", "Transfer-Encoding: gzip, chunked", 501],
    ["headers without end", "GET", `X-A: ${"a".repeat(20_000)}`, 431],
  ] as const)("%s: refused, and nothing goes out", async ([, method, headers, status]) => {
    const answer = await say(
      `${method} http://127.0.0.1:${raw}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n\r\n`,
    );
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(received).toBe("");
  });

  test.for([
    ["099", "HTTP/1.1 099 Odd\r\nContent-Length: 0"],
    ["000", "HTTP/1.1 000 Odd\r\nContent-Length: 0"],
    ["099 behind a hint", "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 099 Odd\r\nContent-Length: 0"],
    ["in another protocol", "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x"],
    ["with a header that is none", "HTTP/1.1 200 OK\r\nX: \x01\r\nContent-Length: 0"],
    ["with two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2"],
    ["nothing that can be read", "hello"],
  ] as const)("a host that answers %s ends its own request, and nothing else", async ([_, answer]) => {
    says = `${answer}\r\n\r\n`;
    expect(await get(`http://127.0.0.1:${raw}/`)).toMatch(/^HTTP\/1\.1 502 [\s\S]*127\.0\.0\.1 broke off/);
    says = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    expect(await get(`http://127.0.0.1:${raw}/`)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("what is no whole address, or holds a password, is refused with a sentence", async () => {
    expect(await get("/local")).toMatch(/^HTTP\/1\.1 400[\s\S]*This is a proxy/);
    expect(await get("ftp://x/")).toMatch(/^HTTP\/1\.1 400/);
    expect(await get(`http://user:word@127.0.0.1:${echo}/`)).toMatch(/400[\s\S]*a user and a password/);
    expect(await say("CONNECT http://x/ HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(/^HTTP\/1\.1 400[\s\S]*host and a port/);
  });

  test("https is spoken as TLS, never in clear: a host without it gets no request", async () => {
    expect(await get(`https://127.0.0.1:${raw}/`)).toMatch(/^HTTP\/1\.1 502 [\s\S]*TLS with 127\.0\.0\.1 failed/);
    expect(received).not.toMatch(/GET|HTTP/);
  });

  const openssl = spawnSync("openssl", ["version"]).status === 0;
  test.skipIf(!openssl)(
    "https to a host whose certificate is its own works, and to any other not (needs openssl)",
    async () => {
      const pem = execFileSync(
        "openssl",
        [
          ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
          ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "-", "-out", "-"],
        ],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
      );
      const port = await listening(
        createHttps({ key: pem, cert: pem }, (asked, answer) => answer.end(`over TLS ${asked.url}`)),
      );
      expect(await get(`https://localhost:${port}/x`)).toMatch(/502 [\s\S]*TLS with localhost failed: \w*SELF_SIGNED/);
      const before = getCACertificates("default");
      setDefaultCACertificates([...before, pem.slice(pem.indexOf("-----BEGIN CERTIFICATE"))]);
      try {
        expect(await get(`https://localhost:${port}/x`)).toMatch(/200 OK[\s\S]*over TLS \/x/);
        expect(await get(`https://127.0.0.1:${port}/x`)).toMatch(/502 [\s\S]*TLS with 127\.0\.0\.1 failed/);
      } finally {
        setDefaultCACertificates(before);
      }
    },
  );

  type Case = [title: string, url: () => string, answer: RegExp];
  const UNANSWERED: Case[] = [
    [
      "a name that does not exist",
      () => "http://nothing.invalid/",
      /502 [\s\S]*nothing\.invalid could not be reached: \w+/,
    ],
    [
      "a port where nothing listens",
      () => "http://127.0.0.1:1/",
      /502 [\s\S]*127\.0\.0\.1 could not be reached: ECONNREFUSED/,
    ],
    [
      "a host that takes the request and is silent",
      () => `http://127.0.0.1:${silent}/`,
      /504 [\s\S]*127\.0\.0\.1 was silent/,
    ],
  ];
  test.for(UNANSWERED)("%s: an answer within the time-out", async ([, url, answer]) => {
    const began = performance.now();
    expect(await get(url())).toMatch(answer);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test("a host that does not answer a connect at all", async () => {
    // A listener whose queue is full drops what comes (listen(2)); 192.0.2.0/24 leads nowhere where there is a network.
    const began = performance.now();
    expect(await say("CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 50[24] [\s\S]*192\.0\.2\.1/,
    );
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test("an idle tunnel ends", async () => {
    const began = performance.now();
    expect(await say(`CONNECT 127.0.0.1:${silent} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200/);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test("the address that was checked is the one that is connected to, and a refused name is never resolved", async () => {
    const asked: string[] = [];
    await openProxy({
      refuses: ({ host }) => (host === "closed.invalid" ? "closed." : undefined),
      refusesAddress: (_, address) => void asked.push(address),
    });
    expect(await get(`http://localhost:${echo}/`)).toMatch(/200 OK/);
    expect(asked).toContain("127.0.0.1");
    expect(await get("http://closed.invalid/")).toMatch(/403 [\s\S]*closed\./);
    await openProxy({ ...ANY, refusesAddress: (_, address) => (address === "127.0.0.1" ? "no." : undefined) });
    expect(await get(`http://localhost:${echo}/`)).toMatch(/403 [\s\S]*no\./);
    expect([...proxy.refusals]).toEqual(["no."]);
  });

  test("by its own rules nothing of this machine, its cloud or a private network answers", async () => {
    await openProxy(destinations(), QUICK);
    for (const host of [
      "127.0.0.1",
      "localhost",
      "[::1]",
      "2130706433",
      "0",
      "169.254.169.254",
      "10.0.0.1",
      "[fd00:ec2::254]",
    ])
      for (const text of [`GET http://${host}/`, `GET https://${host}/`, `CONNECT ${host}:443`])
        expect(await say(`${text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`), text).toMatch(/^HTTP\/1\.1 403/);
  });

  test("thousands of connections take what the limits say, and the next one works", async () => {
    await openProxy();
    const before = sockets.size;
    const flood = Array.from({ length: 300 }, () => connect(proxy.port, "127.0.0.1").on("error", () => {}));
    for (const socket of flood) socket.write(`CONNECT 127.0.0.1:${silent} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const answers = await Promise.all(flood.map(async (socket) => (await socket.toArray().catch(() => [])).join("")));
    const kinds = answers.map((answer) => answer.slice(9, 12));
    // On a slow machine some of the first have timed out by the time that the last ones are heard.
    const refused = kinds.filter((kind) => kind === "").length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThanOrEqual(300 - QUICK.clients);
    expect(kinds.filter((kind) => kind === "200").length).toBeGreaterThanOrEqual(QUICK.connections);
    expect(sockets.size - before).toBeLessThanOrEqual(QUICK.clients);
    expect(await get(`http://127.0.0.1:${echo}/after`)).toMatch(/200 OK/);
  });

  test("requests that do not wait for answers end their connection", async () => {
    await openProxy();
    const before = sockets.size;
    expect(await say(`GET http://127.0.0.1:${silent}/ HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(500))).toBe("");
    expect(sockets.size - before).toBeLessThanOrEqual(16);
  });

  test("when it ends, nothing of it is left open", async () => {
    await openProxy(ANY, { ...QUICK, idleMs: 60_000 });
    const client = connect(proxy.port, "127.0.0.1").on("error", () => {});
    client.write(`CONNECT 127.0.0.1:${raw} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(String((await once(client, "data"))[0])).toMatch(/^HTTP\/1\.1 200/);
    // Its answer shows that the tunnel reaches the server.
    client.write("x");
    await once(client, "data");
    await proxy[Symbol.asyncDispose]();
    if (!client.resume().closed) await once(client, "close");
    await expect.poll(() => sockets.size).toBe(0);
    await expect(say("GET / HTTP/1.1\r\n\r\n")).rejects.toThrow();
  });
});

describe("places for connections", () => {
  test("are given in the order of asking, and given back once", async () => {
    const place = connectionLimit(1, 1_000);
    const { signal } = new AbortController();
    const giveBack = await place(signal);
    const order: number[] = [];
    const waiting = [1, 2].map((n) =>
      place(signal).then((back) => {
        order.push(n);
        return back;
      }),
    );
    giveBack();
    giveBack();
    const next = await waiting[0]!;
    expect(order).toEqual([1]);
    next();
    (await waiting[1]!)();
    expect(order).toEqual([1, 2]);
  });

  test("are not waited for without end, and not after the end", async () => {
    const place = connectionLimit(1, 20);
    const ending = new AbortController();
    await place(ending.signal);
    await expect(place(ending.signal)).rejects.toMatchObject({ status: 503 });
    const waiting = place(ending.signal);
    ending.abort(new Error("over"));
    await expect(waiting).rejects.toThrow("over");
  });

  test("leave most descriptors to everything else", () => {
    expect(limitsFor(Number.POSITIVE_INFINITY)).toEqual(PROXY_LIMITS);
    expect(limitsFor(256)).toMatchObject({ clients: 64, connections: 64 });
  });
});
