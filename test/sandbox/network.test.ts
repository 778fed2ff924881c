import { chmodSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import type { Policy } from "../../packages/sandbox/proxy/destinations.ts";
import type { CommandRequest } from "../../packages/sandbox/sandbox.ts";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";
import { makeOrigin } from "../workspace/origin.ts";
import { compileLauncher, STAGES } from "./world.ts";

const MODES = ["bubblewrap", "namespaces", "own-uid"] as const;
const LIMITS = { timeoutMs: 20_000, maxBytes: 20_000 };
const here = MODES.filter((mode) => STAGES.some((stage) => stage.mode === mode));

describe.skipIf(here.length === 0).for(here)("a command with network in %s (needs a sandbox)", (mode) => {
  let registry: Server;
  let secret: Server;
  let visits = 0;
  let open: Workspace;
  let strict: Workspace;
  const listen = (server: Server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  const run = (workspace: Workspace, command: string, more: Partial<CommandRequest> = {}) =>
    workspace.sandbox.run(workspace, { command, ...LIMITS, network: "any", ...more });
  const runClosed = (command: string) => strict.sandbox.run(strict, { command, ...LIMITS });

  beforeAll(async () => {
    registry = createServer((request, response) =>
      response.end(`${request.method} ${request.url} ${request.headers.host}\n`),
    );
    secret = createServer((_, response) => {
      visits++;
      response.end("canary");
    });
    await Promise.all([listen(registry), listen(secret)]);
    const origin = await makeOrigin({ a: "1\n" });
    chmodSync(origin.folder, 0o755);
    const launcher = mode === "own-uid" ? compileLauncher(origin.folder) : "";
    const clone = async (name: string, policy?: Policy) =>
      cloneWorkspace({
        folder: join(origin.folder, name),
        url: origin.url,
        commit: origin.commit,
        sandbox: await probeSandbox({ unsafe: false, modes: [mode], launcher, ...(policy && { policy }) }),
      });
    open = await clone("open", {
      refuses: () => undefined,
      refusesAddress: (_, address) => (["127.0.0.1", "::1"].includes(address) ? undefined : "closed"),
    });
    strict = await clone("strict");
  });
  afterAll(() => {
    registry.close();
    secret.close();
  });

  const PORT = "new URL(process.env.http_proxy ?? `http://x:3128`).port";
  /** As clients of plain http do. */
  const get = (url: string) =>
    `node -e 'http.get({ host: "127.0.0.1", port: ${PORT}, path: "${url}" }, (r) => { console.log(r.statusCode); r.pipe(process.stdout); })'`;
  /** As clients of https do. */
  const connected = (target: string) =>
    `node -e 'http.request({ host: "127.0.0.1", port: ${PORT}, method: "CONNECT", path: "${target}" }).on("connect", (r, s) => { console.log(r.statusCode); s.end("GET /x HTTP/1.0\\r\\n\\r\\n"); s.on("data", (d) => console.log(String(d))).on("end", () => process.exit()); }).end()'`;

  test("reaches a server through the proxy, for plain http and for CONNECT", async () => {
    const at = `localhost:${portOf(registry)}`;
    const { output } = await run(open, `${get(`http://${at}/a?b=c`)}; ${connected(at)}`);
    expect(output).toContain("200\nGET /a?b=c");
    expect(output).toMatch(/200\nHTTP\/1\.1 200 OK[\s\S]*GET \/x/);
  });

  test("reaches it from a socket of both kinds, as Java makes them", async () => {
    const java = get(`http://localhost:${portOf(registry)}/j`).replace('"127.0.0.1"', '"::ffff:127.0.0.1"');
    expect((await run(open, java)).output).toContain("200\nGET /j");
  });

  test("keeps its exit code, its output and its time-out", async () => {
    expect(await run(open, "echo out; echo err >&2; exit 7")).toMatchObject({ exitCode: 7, output: "out\nerr\n" });
    expect(await run(open, "sleep 60", { timeoutMs: 600 })).toMatchObject({ exitCode: null, timedOut: true });
    expect(await run(open, "kill -9 $$")).toMatchObject({ exitCode: 137 });
  });

  test("a server of its own on loopback is its own", async () => {
    const own = `node -e 'const s = http.createServer((q, r) => r.end("mine")).listen(8080, async () => { console.log(await (await fetch("http://127.0.0.1:8080")).text()); s.close(); process.exit(); })'`;
    for (const { output } of [await run(strict, own), await runClosed(own)]) expect(output).toBe("mine\n");
  });

  test("reaches neither this machine nor link-local addresses, by number or by name", async () => {
    const port = portOf(secret);
    const targets = [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      "169.254.169.254:80",
      "169.254.170.2:80",
      `0.0.0.0:${port}`,
      `2130706433:${port}`,
    ];
    const attempts = targets.map((target) => `${connected(target)}; ${get(`http://${target}/`)}`);
    const direct = `exec 9<>/dev/tcp/127.0.0.1/${port} && cat <&9; exec 9<>/dev/tcp/169.254.169.254/80`;
    const { output } = await run(strict, `${attempts.join("; ")}; ${direct}; true`);
    expect(output).not.toContain("canary");
    expect(output.match(/^403$/gm)).toHaveLength(2 * targets.length);
    expect(visits).toBe(0);
  });

  test("tells Maven, Gradle and curl where the proxy is", async () => {
    const { output } = await run(
      open,
      'cat "$(echo $MAVEN_ARGS | cut -d" " -f2)"; echo; echo $GRADLE_OPTS $https_proxy',
    );
    const [, port] = /<port>(\d+)<\/port>/.exec(output) ?? [];
    expect(output).toContain(`-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=${port} http://127.0.0.1:${port}`);
  });

  test("without network there is no proxy", async () => {
    const { output } = await runClosed(
      `ls /run/cody; env | grep -ci _proxy=; ${connected(`localhost:${portOf(registry)}`)} 2>&1`,
    );
    expect(output).toContain("No such file");
    expect(output).toContain("ECONNREFUSED");
    expect(output).toMatch(/^0$/m);
  });
});
