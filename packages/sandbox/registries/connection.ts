import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type SecureContext, TLSSocket } from "node:tls";
import { refusalText } from "../proxy/connect.ts";
import { ProxyRefusal } from "../proxy/connections.ts";
import { FIRST_WORDS } from "../proxy/listen.ts";
import { isAwaited } from "../proxy/unanswered.ts";
import { type Answering, answerOne } from "./answer.ts";
import type { HostRules } from "./rules.ts";

export type ConnectionLimits = {
  shakeHandsMs: number;
  /** From its first byte, or the end of the last answer, to the end of a request's headers. */
  headersMs: number;
};

export const CONNECTION_LIMITS: ConnectionLimits = { shakeHandsMs: 10_000, headersMs: 30_000 };

type Connection = {
  at: HostRules;
  /** Requests are answered one after the other; what comes after a refused one is not even read. */
  last: Promise<boolean>;
  /** Ends it unless a request comes in time. */
  awaitRequest(): void;
  waiting?: NodeJS.Timeout;
};

/** The requests inside connections that CONNECT opened: TLS ends here, and each connection speaks to one host. */
export function requestsWithin(secureContext: SecureContext, answering: Answering, limits: ConnectionLimits) {
  const connections = new WeakMap<Duplex, Connection>();

  function answer(asked: IncomingMessage, to: ServerResponse) {
    const connection = connections.get(asked.socket);
    if (!connection) return void asked.socket.destroy();
    clearTimeout(connection.waiting);
    if (!isAwaited(asked, to, connection.awaitRequest)) return;
    connection.last = connection.last.then(async (goesOn) => {
      if (goesOn && !asked.socket.destroyed) return await answerOne(asked, to, connection.at, answering);
      asked.socket.destroy();
      return false;
    });
  }

  const server = createServer({ maxHeaderSize: FIRST_WORDS.maxHeaderSize, keepAliveTimeout: limits.headersMs }, answer);
  for (const event of ["checkContinue", "checkExpectation"] as const) server.on(event, answer);
  for (const event of ["upgrade", "connect"] as const)
    server.on(event, (_: IncomingMessage, socket: Duplex) => {
      const refusal = new ProxyRefusal(403, "A registry is asked by plain requests here, and by no other protocol.");
      socket.end(refusalText(answering.refusalOf(refusal)));
    });
  server.on("clientError", (_, socket) => socket.destroy());

  return {
    take(client: Socket, at: HostRules) {
      const secure = new TLSSocket(client, {
        ...{ isServer: true, secureContext, ALPNProtocols: ["http/1.1"] },
        SNICallback: (name, done) => done(name === at.host ? null : new Error("another name"), secureContext),
      });
      const end = () => client.destroy();
      const late = setTimeout(end, limits.shakeHandsMs);
      secure.on("error", end);
      secure.on("secure", () => {
        clearTimeout(late);
        // A client that names no host at all was not asked for its name above.
        if (nameIn(secure) !== at.host) return end();
        const connection: Connection = { at, last: Promise.resolve(true), awaitRequest };
        connections.set(secure, connection);
        awaitRequest();
        client.on("close", () => clearTimeout(connection.waiting));
        server.emit("connection", secure);

        function awaitRequest() {
          if (!client.destroyed) connection.waiting = setTimeout(end, limits.headersMs);
        }
      });
      client.on("close", () => {
        clearTimeout(late);
        secure.destroy();
      });
    },
  };
}

/** The name that the client's TLS asked for; Node's types know it of servers' sockets only in part. */
const nameIn = (secure: TLSSocket) => (secure as { servername?: string | false | null }).servername;
