import { createServer } from "node:http";
import { isCode } from "../../filesystem/error-code.ts";
import { answerConnect, refusalText } from "./connect.ts";
import { ProxyRefusal } from "./connections.ts";
import type { Policy } from "./destinations.ts";
import { answerRequest } from "./forward.ts";
import { FIRST_WORDS, listenForClients, type ProxyPlace } from "./listen.ts";
import { outside, PROXY_LIMITS, type ProxyLimits } from "./outside.ts";
import { isAwaited } from "./unanswered.ts";

export type RunningProxy = AsyncDisposable & {
  /** 0 on a UNIX socket. */
  port: number;
  /** What was refused so far, a sentence each. */
  refusals: ReadonlySet<string>;
};

/** An HTTP proxy for untrusted clients: `policy` says where they may go, `limits` how much of it. */
export async function startProxy(
  where: ProxyPlace,
  policy: Policy,
  limits: ProxyLimits = PROXY_LIMITS,
): Promise<RunningProxy> {
  const refusals = new Set<string>();
  const ending = new AbortController();
  const out = outside(policy, limits, ending.signal, refusals);
  const server = createServer(FIRST_WORDS, (asked, answer) => {
    if (isAwaited(asked, answer)) void answerRequest(asked, answer, out);
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
  const { port, close } = await listenForClients(server, where, limits.clients);
  return {
    port,
    refusals,
    async [Symbol.asyncDispose]() {
      ending.abort(new ProxyRefusal(503, "The proxy has ended."));
      await close();
    },
  };
}
