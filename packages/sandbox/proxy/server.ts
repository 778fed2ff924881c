import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { isCode } from "../../filesystem/error-code.ts";
import { answerConnect, refusalText } from "./connect.ts";
import { ProxyRefusal } from "./connections.ts";
import type { Policy } from "./destinations.ts";
import { answerRequest } from "./forward.ts";
import { outside, PROXY_LIMITS, type ProxyLimits } from "./outside.ts";

/** `clientUid`: only this user's sockets are served. */
export type ProxyPlace = { path: string } | { host: string; port: number; clientUid?: number };

export type RunningProxy = AsyncDisposable & {
  /** 0 on a UNIX socket. */
  port: number;
  /** What was refused so far, a sentence each. */
  refusals: ReadonlySet<string>;
};

const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;

/** An HTTP proxy for untrusted clients: `policy` says where they may go, `limits` how much of it. */
export async function startProxy(
  where: ProxyPlace,
  policy: Policy,
  limits: ProxyLimits = PROXY_LIMITS,
): Promise<RunningProxy> {
  const refusals = new Set<string>();
  const ending = new AbortController();
  const out = outside(policy, limits, ending.signal, refusals);
  const clients = new Set<Duplex>();
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS },
    (asked, answer) => void answerRequest(asked, answer, out),
  );
  server.maxConnections = limits.clients;
  server.on("connection", (client) => {
    clients.add(client);
    client.on("error", () => client.destroy()).on("close", () => clients.delete(client));
  });
  server.on("connect", (asked, client, head) => void answerConnect(asked, client, head, out));
  server.on("clientError", (error, client) => {
    const isTooLong = isCode(error, "HPE_HEADER_OVERFLOW");
    const refusal = isTooLong
      ? new ProxyRefusal(431, "The headers are too long.")
      : new ProxyRefusal(400, "It cannot be read.");
    if (client.writable) client.end(refusalText(refusal));
    else client.destroy();
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(where, resolve));
  // A connection that cannot be accepted (no descriptor is left) is the client's loss alone.
  server.removeAllListeners("error").on("error", () => {});
  const bound = server.address();
  return {
    port: bound && typeof bound === "object" ? bound.port : 0,
    refusals,
    async [Symbol.asyncDispose]() {
      ending.abort(new ProxyRefusal(503, "The proxy has ended."));
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
