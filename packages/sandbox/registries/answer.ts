import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { ProxyRefusal } from "../proxy/connections.ts";
import { refuseRequest } from "../proxy/forward.ts";
import { locationOf, returnedHeaders } from "./headers.ts";
import type { RegistryHistory } from "./history.ts";
import { type Passed, passedOf } from "./request.ts";
import type { HostRules, RegistryRules } from "./rules.ts";
import { askRegistry, type CheckedAgent } from "./upstream.ts";

/** What one request came to, for a log: no header and no query. */
export type RegistryRequest = {
  method: string;
  host: string;
  path: string;
  status: number;
  bytes: number;
  refused?: string;
};

export type Answering = {
  rules: RegistryRules;
  history: RegistryHistory;
  agent: CheckedAgent;
  refusalOf(error: unknown): ProxyRefusal;
  log(request: RegistryRequest): void;
};

const MAX_HOPS = 3;

const NOT_HELD = (name: string) =>
  `${name}: the public mirror does not hold it yet, and from this host of modules commands get only what it holds.`;

/** Answers one request on a connection whose TLS we ended. Says whether the connection may go on. */
export async function answerOne(
  asked: IncomingMessage,
  answer: ServerResponse,
  at: HostRules,
  { rules, history, agent, refusalOf, log }: Answering,
): Promise<boolean> {
  const gone = new AbortController();
  answer.on("close", () => gone.abort());
  let bytes = 0;
  const entry = { method: asked.method ?? "", host: at.key, path: pathOnly(asked.url) };
  try {
    // Before anything else: what is refused is a line of the log too.
    await history.turn();
    const passed = passedOf(asked, at, rules, history);
    const got = await answerOf(passed);
    history.learn(passed, got.statusCode ?? 502);
    if (got.statusCode === 404 && passed.isCachedOnly) refusalOf(new ProxyRefusal(404, NOT_HELD(passed.name ?? "")));
    const headers = returnedHeaders(got.headers);
    const location = redirectOf(got, at, passed);
    // What a registry says about a request with a credential may repeat the request.
    const isErrorPage = passed.from !== undefined && (got.statusCode ?? 502) >= 400;
    if (isErrorPage) got.resume();
    answer.writeHead(got.statusCode ?? 502, {
      ...(isErrorPage ? { "content-length": 0 } : headers),
      ...(location && { location: location.href }),
    });
    if (isErrorPage) answer.end();
    else await pipeline(got, counted, answer);
    log({ ...entry, status: answer.statusCode, bytes });
    return true;
  } catch (error) {
    if (gone.signal.aborted && !(error instanceof ProxyRefusal)) {
      log({ ...entry, status: 499, bytes });
      return false;
    }
    const refusal = refusalOf(error);
    log({ ...entry, status: refusal.status, bytes, refused: refusal.message });
    refuseRequest(answer, refusal);
    return false;
  }

  async function* counted(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      history.count(chunk.length, bytes);
      yield chunk;
    }
  }

  /**
   * A redirect to somewhere else is followed here where a registry of the deployment answered, without its credential,
   * and where a public one is known to keep its files elsewhere.
   */
  async function answerOf(passed: Passed): Promise<IncomingMessage> {
    let got = await askRegistry(agent, { ...passed, host: at.host, port: at.port }, gone.signal);
    if (!passed.from && !at.open?.follows) return got;
    let from = { host: at.host, port: at.port, path: passed.path };
    const { authorization: _, ...headers } = passed.headers;
    for (let hops = 0; isRedirect(got); hops++) {
      const to = locationOf(got.headers, from);
      if (!to || (hops === 0 && isBelow(to, at, passed))) return got;
      if (hops === MAX_HOPS) throw new ProxyRefusal(502, `${at.host} redirected more than ${MAX_HOPS} times.`);
      got.resume();
      from = { host: to.hostname, port: Number(to.port || 443), path: to.pathname + to.search };
      got = await askRegistry(agent, { method: passed.method, headers, ...from }, gone.signal);
    }
    return got;
  }
}

const pathOnly = (url = "") => url.replace(/[?#].*$/s, "").slice(0, 512);

const isRedirect = ({ statusCode, headers }: IncomingMessage) =>
  statusCode !== undefined && [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;

/** To another path of the same registry: the client may ask for that itself. */
const isBelow = (to: URL, at: HostRules, { from }: Passed) =>
  to.hostname === at.host && Number(to.port || 443) === at.port && to.pathname.startsWith(from?.path ?? "/");

/** What the client is told of a redirect: its next connection is checked as every one. */
const redirectOf = (got: IncomingMessage, at: HostRules, { path }: Passed) =>
  isRedirect(got) ? locationOf(got.headers, { host: at.host, port: at.port, path }) : undefined;
