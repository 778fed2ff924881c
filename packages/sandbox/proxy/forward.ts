import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type HostPort, hostPortOf } from "../../config/hosts.ts";
import { ProxyRefusal } from "./connections.ts";
import type { Outside } from "./outside.ts";

/**
 * A request whose line holds the whole address. Plain http, or https for a client that leaves TLS to the proxy (axios
 * does): then the proxy speaks TLS with the host, never in clear.
 */
export async function answerRequest(asked: IncomingMessage, answer: ServerResponse, outside: Outside) {
  try {
    const { url, target } = addressOf(asked.url ?? "");
    const headers = { ...forwardable(asked.headers), ...framingOf(asked.headers), host: url.host };
    const connection = await (url.protocol === "https:" ? outside.openTls(target) : outside.open(target));
    if (answer.destroyed) return void connection.destroy();
    const upstream = request({
      createConnection: () => connection,
      ...{ method: asked.method, path: url.pathname + url.search, headers, setHost: false },
    });
    const end = (error: Error) => refuseRequest(answer, outside.refusalOf(brokenOff(target, error)));
    upstream.on("response", (got) => {
      got.on("error", () => answer.destroy());
      try {
        answer.writeHead(got.statusCode ?? 502, forwardable(got.headers));
        got.pipe(answer);
      } catch (error) {
        // The host is anyone's, and so is what it answers: 099 is no status that can be passed on.
        end(error as Error);
      }
    });
    upstream.on("upgrade", (_, socket) => {
      socket.destroy();
      end(new Error("it answered with another protocol"));
    });
    upstream.on("error", end);
    // Whatever is over on one side is over on the other: a connection serves one request.
    answer.on("close", () => connection.destroy());
    asked.pipe(upstream);
  } catch (error) {
    refuseRequest(answer, outside.refusalOf(error));
  }
}

function addressOf(text: string): { url: URL; target: HostPort } {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ProxyRefusal(400, "This is a proxy: it wants a whole address (http://host/path), or CONNECT host:port.");
  if (url.username || url.password)
    throw new ProxyRefusal(400, "An address with a user and a password is not passed on.");
  const target = hostPortOf(url.hostname, Number(url.port || (url.protocol === "https:" ? 443 : 80)));
  if (!target) throw new ProxyRefusal(400, "The address names no host.");
  return { url, target };
}

/** RFC 9110, 7.6.1: what concerns one connection alone, and whatever else the sender names so. */
const HOP_BY_HOP = [
  ...["connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"],
  ...["te", "trailer", "transfer-encoding", "upgrade", "expect"],
];

function forwardable(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = String(headers.connection ?? "")
    .toLowerCase()
    .split(/[\s,]+/);
  // A body keeps its length, even where a header asks to have that dropped.
  const dropped = new Set([...HOP_BY_HOP, ...named].filter((name) => name !== "content-length"));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}

/** The end of a body is said anew, so that what follows it can never be taken for a request of its own. */
function framingOf(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const encoding = headers["transfer-encoding"];
  if (encoding === undefined) return {};
  if (encoding.trim().toLowerCase() !== "chunked")
    throw new ProxyRefusal(501, "Of transfer encodings the proxy knows chunked alone.");
  return { "transfer-encoding": "chunked" };
}

const brokenOff = ({ host }: HostPort, error: Error) =>
  error instanceof ProxyRefusal ? error : new ProxyRefusal(502, `${host} broke off: ${error.message}.`);

/** In place of an answer; a begun one is broken off. */
export function refuseRequest(answer: ServerResponse, { status, message }: ProxyRefusal) {
  if (answer.headersSent) return void answer.destroy();
  answer.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" }).end(`${message}\n`);
}
