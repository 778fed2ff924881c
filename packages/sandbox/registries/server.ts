import { constants } from "node:crypto";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import type { ServedProxy } from "../command-proxy.ts";
import { refusalText } from "../proxy/connect.ts";
import { ProxyRefusal } from "../proxy/connections.ts";
import type { Policy } from "../proxy/destinations.ts";
import { refuseRequest } from "../proxy/forward.ts";
import { FIRST_WORDS, listenForClients, type ProxyPlace } from "../proxy/listen.ts";
import { outside, type ProxyLimits } from "../proxy/outside.ts";
import type { RegistryRequest } from "./answer.ts";
import { CONNECTION_LIMITS, type ConnectionLimits, requestsWithin } from "./connection.ts";
import type { RegistryHistory } from "./history.ts";
import type { RegistryRules } from "./rules.ts";
import { newIdentity } from "./trust/identity.ts";
import { CheckedAgent, type OpenTls } from "./upstream.ts";

export type RegistryProxyOptions = {
  rules: RegistryRules;
  history: RegistryHistory;
  /** About addresses: the names are checked by the rules. */
  policy: Policy;
  limits: ProxyLimits;
  log?(request: RegistryRequest): void;
  /** Tests: in place of a connection to the host itself. */
  openTls?: OpenTls;
  /** Tests: shorter. */
  connectionLimits?: ConnectionLimits;
};

/** A proxy that reads from package registries, and from nothing else: it ends TLS, and looks at each request. */
export async function startRegistryProxy(where: ProxyPlace, options: RegistryProxyOptions): Promise<ServedProxy> {
  const { rules, limits } = options;
  const refusals = new Set<string>();
  const ending = new AbortController();
  const out = outside(options.policy, limits, ending.signal, refusals);
  const agent = new CheckedAgent(options.openTls ?? out.openTls);
  const { key, certificate, trust } = newIdentity(
    [...new Set([...rules.hosts.values()].map(({ host }) => host))],
    new Date(),
  );
  const within = requestsWithin(
    // No tickets: each connection says anew which host it means.
    createSecureContext({ key, cert: certificate, minVersion: "TLSv1.2", secureOptions: constants.SSL_OP_NO_TICKET }),
    { rules, history: options.history, agent, refusalOf: out.refusalOf, log: options.log ?? (() => {}) },
    options.connectionLimits ?? CONNECTION_LIMITS,
  );
  const server = createServer(FIRST_WORDS, (asked, answer) =>
    refuseRequest(answer, out.refusalOf(new ProxyRefusal(403, CLOSED(asked.headers.host)))),
  );
  server.on("connect", (asked, client, head) => {
    const at = rules.hosts.get(asked.url ?? "");
    // Early bytes are no client's: each waits for our answer before it speaks.
    if (!at || head.length > 0)
      return void client.end(refusalText(out.refusalOf(new ProxyRefusal(403, CLOSED(asked.url)))));
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    within.take(client as Socket, at);
  });
  server.on("clientError", (_, client) => {
    if (client.writable) client.end(refusalText(new ProxyRefusal(400, "It cannot be read.")));
    else client.destroy();
  });
  const { port, close } = await listenForClients(server, where, limits.clients);
  return {
    port,
    refusals,
    trust,
    async [Symbol.asyncDispose]() {
      ending.abort(new ProxyRefusal(503, "The proxy has ended."));
      await close();
      agent.destroy();
    },
  };
}

const CLOSED = (asked = "") =>
  `${asked.replace(/[^\x21-\x7e]/g, "?").slice(0, 100)} is closed: network "registries" reads packages from registries by https, and nothing else. Git dependencies and other downloads do not work here.`;
