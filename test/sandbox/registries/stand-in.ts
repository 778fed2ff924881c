import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import {
  type ConnectionOptions,
  connect as connectTls,
  createServer as createTls,
  getCACertificates,
  setDefaultCACertificates,
  type TLSSocket,
} from "node:tls";
import type { OwnRegistry } from "../../../packages/config/registries.ts";
import type { ServedProxy } from "../../../packages/sandbox/command-proxy.ts";
import { clientFiles, networkEnvironment } from "../../../packages/sandbox/network-environment.ts";
import { destinations } from "../../../packages/sandbox/proxy/destinations.ts";
import { PROXY_LIMITS } from "../../../packages/sandbox/proxy/outside.ts";
import { withTls } from "../../../packages/sandbox/proxy/reach.ts";
import type { RegistryRequest } from "../../../packages/sandbox/registries/answer.ts";
import { REGISTRY_LIMITS, type RegistryLimits, registryHistory } from "../../../packages/sandbox/registries/history.ts";
import { PUBLIC_REGISTRIES } from "../../../packages/sandbox/registries/public.ts";
import { rulesOf } from "../../../packages/sandbox/registries/rules.ts";
import { type RegistryProxyOptions, startRegistryProxy } from "../../../packages/sandbox/registries/server.ts";
import { newIdentity } from "../../../packages/sandbox/registries/trust/identity.ts";

/** The first registry of each ecosystem, by a host that exists nowhere: `npm.example` and so on. */
export const OPEN = [...Map.groupBy(PUBLIC_REGISTRIES, ({ ecosystem }) => ecosystem).values()].map(([first]) => ({
  ...first!,
  host: `${first!.ecosystem}.example`,
}));
const DATABASE = PUBLIC_REGISTRIES.find(({ host }) => host.startsWith("sum."))!;
const SUMDB = { ...DATABASE, host: "sum.example" };
/** Where the mirror of Go modules passes on what the checksum database says. */
export const THROUGH_MIRROR = `/sumdb/${DATABASE.host}`;

const FILES_ELSEWHERE = { ...PUBLIC_REGISTRIES.find(({ follows }) => follows)!, host: "distributions.example" };
const RULES = [...OPEN, SUMDB, FILES_ELSEWHERE];

const HOSTS = RULES.map(({ host }) => host).concat("own.example", "store.example");

export type StandIn = AsyncDisposable & {
  port: number;
  /** Every byte that came, in the clear. */
  arrived(): string;
  forget(): void;
  /** In place of 200 with the path. */
  answers: (asked: IncomingMessage, answer: ServerResponse) => void;
};

/** A registry for every host of the tests, which keeps all that arrives. */
export async function startStandIn(identity = newIdentity(HOSTS, new Date())): Promise<StandIn> {
  const system = getCACertificates("default");
  setDefaultCACertificates([...system, identity.trust.pem]);
  const sockets = new Set<Socket>();
  const chunks: Buffer[] = [];
  const http = createServer((asked, answer) => standIn.answers(asked, answer));
  const server = createTls({ key: identity.key, cert: identity.certificate }, (socket) => {
    sockets.add(socket);
    http.emit("connection", socket);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  const standIn: StandIn = {
    port: (server.address() as AddressInfo).port,
    arrived: () => Buffer.concat(chunks).toString("latin1"),
    forget: () => void chunks.splice(0),
    answers: (asked, answer) => answer.end(`read ${asked.url}`),
    async [Symbol.asyncDispose]() {
      setDefaultCACertificates(system);
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  return standIn;
}

export type Proxied = AsyncDisposable & ServedProxy & { log: RegistryRequest[] };

type Setting = {
  own?: readonly OwnRegistry[];
  credentials?: ReadonlyMap<string, string>;
  registryLimits?: Partial<RegistryLimits>;
} & Partial<RegistryProxyOptions>;

/** The proxy of the product; only the address of every host is the stand-in's. */
export async function startProxied(standIn: Pick<StandIn, "port">, setting: Setting = {}): Promise<Proxied> {
  const { own = [], credentials = new Map(), registryLimits, ...more } = setting;
  const log: RegistryRequest[] = [];
  const proxy = await startRegistryProxy(
    { host: "127.0.0.1", port: 0 },
    {
      rules: rulesOf(RULES, own, credentials),
      history: registryHistory({ ...REGISTRY_LIMITS, ...registryLimits }),
      policy: destinations(),
      limits: PROXY_LIMITS,
      log: (request) => log.push(request),
      async openTls(target) {
        const socket = connect(standIn.port, "127.0.0.1").on("error", () => {});
        return await withTls(socket, target, 2_000);
      },
      ...more,
    },
  );
  return { ...proxy, log };
}

/** The variables by which clients go through the proxy; what they read is written into `folder`. */
export function environmentThrough({ port, trust }: Proxied, folder: string): Record<string, string> {
  const files = clientFiles(port, trust);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return networkEnvironment(folder, port, files);
}

/** What a client gets that writes `text` to the proxy itself. */
export async function outer({ port }: { port: number }, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.end(text);
  return String(Buffer.concat(await socket.toArray().catch(() => [])));
}

/** A connection through CONNECT, with TLS; undefined where there is none. `host`: port 443 where it names none. */
export async function inside(
  proxy: Pick<ServedProxy, "port" | "trust">,
  host: string,
  tls: ConnectionOptions = {},
): Promise<TLSSocket | undefined> {
  const socket = connect(proxy.port, "127.0.0.1").on("error", () => {});
  const [name = "", port = "443"] = host.split(":");
  socket.write(`CONNECT ${name}:${port} HTTP/1.1\r\nHost: ${name}:${port}\r\n\r\n`);
  const first = new Promise((resolve) => socket.once("data", resolve));
  const head = await Promise.race([first, gone(socket)]);
  if (!String(head).startsWith("HTTP/1.1 200")) return undefined;
  const secure = connectTls({ socket, servername: name, ca: proxy.trust!.pem, ...tls });
  try {
    await once(secure, "secureConnect");
    return secure.on("error", () => {});
  } catch {
    secure.on("error", () => {}).destroy();
    return undefined;
  }
}

/** Ended by the other side, which answers what is still written by a reset: that is no failure. */
export const gone = (socket: Socket) =>
  new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    socket.on("error", () => {}).once("close", () => resolve());
  });

/** What a client reads that writes `text` on a connection to `host` until the other side ends it. */
export async function raw(
  proxy: Pick<ServedProxy, "port" | "trust">,
  host: string,
  text: string,
  tls: ConnectionOptions = {},
) {
  const secure = await inside(proxy, host, tls);
  if (!secure) return "no connection";
  const chunks: Buffer[] = [];
  secure.on("data", (chunk) => chunks.push(chunk)).write(text);
  await new Promise((done) => secure.once("close", done));
  return String(Buffer.concat(chunks));
}

/** One request, as clients make it. `headers`: lines. */
export const get = (
  proxy: Pick<ServedProxy, "port" | "trust">,
  host: string,
  path: string,
  headers: readonly string[] = [],
) => raw(proxy, host, [`GET ${path} HTTP/1.1`, `Host: ${host}`, "Connection: close", ...headers, "", ""].join("\r\n"));

export const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
