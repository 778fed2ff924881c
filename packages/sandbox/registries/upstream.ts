import { Agent, type ClientRequestArgs, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import type { HostPort } from "../../config/hosts.ts";
import { isCode } from "../../filesystem/error-code.ts";
import { ProxyRefusal } from "../proxy/connections.ts";

/** A connection with TLS to a host that was checked, by its name and by its address; the certificate is the host's. */
export type OpenTls = (target: HostPort) => Promise<Duplex>;

const SOCKETS_PER_HOST = 32;
const MAX_HEADER_BYTES = 32 * 1024;

/** Connections are kept for the next request: a build asks a registry hundreds of times. */
export class CheckedAgent extends Agent {
  readonly #open: OpenTls;

  constructor(open: OpenTls) {
    super({ keepAlive: true, maxSockets: SOCKETS_PER_HOST, maxFreeSockets: 8, scheduling: "lifo" });
    this.#open = open;
  }

  override createConnection(options: ClientRequestArgs, done: (error: Error | null, socket: Duplex) => void) {
    const nothing = undefined as unknown as Duplex;
    this.#open({ host: options.host!, port: Number(options.port) }).then(
      (socket) => done(null, socket),
      (error: Error) => done(error, nothing),
    );
    return undefined;
  }
}

type Asked = HostPort & { method: string; path: string; headers: Record<string, string> };

/** The head of the answer; its body is still to come. A kept connection that the host had just closed is tried anew. */
export async function askRegistry(
  agent: Agent,
  asked: Asked,
  signal: AbortSignal,
  isAgain = false,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { host, port, method, path, headers } = asked;
  const named = { ...headers, host: port === 443 ? host : `${host}:${port}` };
  const sent = request({
    ...{ agent, host, port, method, path, headers: named, signal, setHost: false, setDefaultHeaders: false },
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  sent.on("response", resolve).on("error", reject).end();
  sent.on("upgrade", (_, socket) => {
    socket.destroy();
    reject(new ProxyRefusal(502, `${host} answered with another protocol.`));
  });
  try {
    return await promise;
  } catch (error) {
    if (sent.reusedSocket && !isAgain && !signal.aborted && isCode(error, "ECONNRESET"))
      return askRegistry(agent, asked, signal, true);
    if (error instanceof ProxyRefusal || signal.aborted) throw error;
    throw new ProxyRefusal(502, `${host} broke off: ${error instanceof Error ? error.message : error}.`);
  }
}
