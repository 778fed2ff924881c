import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { clip } from "../../text/cut.ts";
import { type Disturb, suffer } from "./disturb.ts";

const NAMES = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Why a request is not one of this machine's own; undefined: it is. A browser that was sent to another name which
 * resolves to this machine says that name as Host; a script or a form of another site says its own Origin, and whatever
 * else another site makes a browser fetch is marked by the browser. Following a link is allowed.
 */
export function foreignness(
  { headers, socket }: Pick<IncomingMessage, "headers" | "socket">,
  { behindProxy = false } = {},
): string | undefined {
  const { host = "", origin } = headers;
  const port = behindProxy ? (/:(\d+)$/.exec(host)?.[1] ?? "80") : socket.localPort;
  const own = NAMES.map((name) => new URL(`http://${name}:${port}`).host);
  const isOurs = own.includes(host.toLowerCase());
  if (!isOurs) return `the host ${host || "(none)"}`;
  if (origin !== undefined && origin !== `http://${host}`) return `the origin ${origin}`;
  if (headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] !== "navigate") return "another site";
  return undefined;
}

export type LoopbackOptions = {
  log: (line: string) => void;
  /** What happens to a request on its way, for tests. */
  disturb?: Disturb | undefined;
  /** Something on another port of this machine stands before it and passes the Host on as it came. */
  behindProxy?: boolean | undefined;
};

/** An HTTP server for loopback: what foreignness() names is refused and logged before the handler sees it. */
export function createLoopbackServer(handler: RequestListener, options: LoopbackOptions): Server {
  const { log, disturb, behindProxy } = options;
  return createServer((request, response) => {
    const from = foreignness(request, { behindProxy });
    const disturbance = from === undefined ? disturb?.(request) : undefined;
    if (disturbance)
      return void suffer(disturbance, request, response).then((goesOn) => goesOn && handler(request, response));
    if (from === undefined) return handler(request, response);
    log(`refused a request for or from ${clip(from, 200)}: ${request.method} ${request.url?.split("?")[0]}`);
    request.resume();
    response
      .writeHead(403, { "content-type": "text/plain", connection: "close" })
      .end("This server answers programs and pages of its own machine only.\n");
  });
}
