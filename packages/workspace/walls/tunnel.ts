import { lookup } from "node:dns/promises";
import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { Workspace } from "../workspace.ts";
import { isReachable } from "./reachable.ts";

/** The port inside a network namespace on which a command finds the tunnel, as an HTTP proxy. */
const INSIDE_PORT = 3128;
const CONNECT_TIMEOUT_MS = 20_000;

type Owner = { uid: number; gid: number };
export type TunnelPolicy = (address: string) => boolean;

export const tunnelOf = ({ folder }: Workspace) => join(folder, "tunnel");

/**
 * The only way out for a command with network: an HTTP proxy of the harness, on a UNIX socket (for a network namespace)
 * or on a port of 127.0.0.1 (for a supervised command). It resolves names itself and connects to the very address that
 * it checked, so a name cannot mean one thing now and another then.
 */
export async function openTunnel(
  folder: string,
  on: "socket" | "port",
  owner: Owner | undefined,
  mayReach: TunnelPolicy = isReachable,
): Promise<AsyncDisposable & { port: number }> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: on === "socket" ? 0o700 : 0o755 });
  const socket = join(folder, "socket");
  const open = new Set<Duplex>();
  const hold = <Stream extends Duplex>(stream: Stream) => {
    open.add(stream);
    stream.on("error", () => stream.destroy()).on("close", () => open.delete(stream));
    return stream;
  };
  const server = createServer((asked, answer) => void forward(asked, answer, mayReach));
  server.on("connection", hold);
  server.on("connect", async (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    try {
      const { hostname, port } = new URL(`http://${asked.url}`);
      const address = await addressOf(hostname, mayReach);
      const upstream: Socket = hold(connect({ host: address, port: Number(port || 80), timeout: CONNECT_TIMEOUT_MS }));
      upstream.once("connect", () => {
        upstream.setTimeout(0);
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.write(head);
        client.pipe(upstream).pipe(client);
      });
      upstream.on("timeout", () => upstream.destroy()).on("close", () => client.destroy());
      client.on("close", () => upstream.destroy());
    } catch (error) {
      client.end(`HTTP/1.1 403 Forbidden\r\n\r\n${sentence(error)}\n`);
    }
  });
  const where = on === "socket" ? { path: socket } : { host: "127.0.0.1", port: 0 };
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(where, resolve));
  const bound = server.address();
  const port = bound && typeof bound === "object" ? bound.port : INSIDE_PORT;
  await writeFile(join(folder, MAVEN_SETTINGS), mavenSettings(port), { mode: 0o644 });
  if (on === "socket") await chmod(socket, 0o600);
  if (on === "socket" && owner) for (const path of [socket, folder]) await chown(path, owner.uid, owner.gid);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const stream of open) stream.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Plain http: the request line holds the whole address. */
async function forward(asked: IncomingMessage, answer: ServerResponse, mayReach: TunnelPolicy) {
  try {
    const url = new URL(asked.url ?? "");
    const address = await addressOf(url.hostname, mayReach);
    const { "proxy-connection": _, "proxy-authorization": __, ...headers } = asked.headers;
    const upstream = request(
      { host: address, port: url.port || 80, method: asked.method, path: url.pathname + url.search, headers },
      (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      },
    );
    upstream.on("error", () => answer.destroy());
    answer.on("close", () => upstream.destroy());
    asked.pipe(upstream);
  } catch (error) {
    answer.writeHead(403).end(`${sentence(error)}\n`);
  }
}

/** Throws when the name leads, even in part, to where commands must not go. */
async function addressOf(hostname: string, mayReach: TunnelPolicy): Promise<string> {
  const found = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true });
  const first = found[0]?.address;
  if (first === undefined || !found.every(({ address }) => mayReach(address))) {
    throw new Error(`${hostname} is not reachable from commands.`);
  }
  return first;
}

const sentence = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Inside: listens on the loopback of the namespace, starts the command, and ends with its exit code. */
const FORWARDER = `
const net = require("node:net");
const { spawn } = require("node:child_process");
net.createServer({ allowHalfOpen: true }, (client) => {
  const out = net.connect({ path: process.argv[1], allowHalfOpen: true });
  client.pipe(out).pipe(client);
  client.on("error", () => out.destroy());
  out.on("error", () => client.destroy());
}).listen(${INSIDE_PORT}, "127.0.0.1", () => {
  const child = spawn(process.argv[2], process.argv.slice(3), { stdio: "inherit" });
  child.on("error", () => process.exit(127));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + require("node:os").constants.signals[signal]));
});`;

/** `folder`: the tunnel's, as it is seen inside. */
export const throughTunnel = (node: string, folder: string, argv: readonly string[]) => [
  ...[node, "-e", FORWARDER, `${folder}/socket`],
  ...argv,
];

const MAVEN_SETTINGS = "maven.xml";
const mavenSettings = (port: number) =>
  `<settings><proxies>${["http", "https"]
    .map(
      (scheme) =>
        `<proxy><id>${scheme}</id><protocol>${scheme}</protocol><host>127.0.0.1</host><port>${port}</port></proxy>`,
    )
    .join("")}</proxies></settings>\n`;

/** What package managers look at; Maven looks only into its settings. `folder`: the tunnel's, as it is seen inside. */
export function tunnelEnvironment(folder: string, port = INSIDE_PORT): Record<string, string> {
  const proxy = `http://127.0.0.1:${port}`;
  const own = "localhost,127.0.0.1,::1";
  const java = ["http", "https"].map((scheme) => `-D${scheme}.proxyHost=127.0.0.1 -D${scheme}.proxyPort=${port}`);
  return {
    ...{ http_proxy: proxy, https_proxy: proxy, HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
    ...{ no_proxy: own, NO_PROXY: own, NODE_USE_ENV_PROXY: "1" },
    ...{ GRADLE_OPTS: java.join(" "), MAVEN_OPTS: java.join(" ") },
    MAVEN_ARGS: `-gs ${join(folder, MAVEN_SETTINGS)}`,
  };
}
