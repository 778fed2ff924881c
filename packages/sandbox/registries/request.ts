import type { IncomingMessage } from "node:http";
import type { Ecosystem } from "../../config/registries.ts";
import { ProxyRefusal } from "../proxy/connections.ts";
import { goPath } from "./go.ts";
import type { RegistryHistory } from "./history.ts";
import { plainPath } from "./paths.ts";
import type { HostRules, PrivateRegistry, RegistryRules } from "./rules.ts";

/** What goes upstream, made anew from what was checked. */
export type Passed = {
  method: "GET" | "HEAD";
  path: string;
  headers: Record<string, string>;
  /** Host and path of a public registry, and the package that it is about, for the history. */
  place?: string;
  name?: string;
  /** The version of a Go module that the mirror gives out by it. */
  module?: string;
  /** The Go mirror gives it out only if it holds it. */
  isCachedOnly?: boolean;
  /** It is a path of a registry of the deployment. */
  from?: PrivateRegistry;
};

/** Decides about one request on a connection to `at`. @throws ProxyRefusal */
export function passedOf(
  asked: IncomingMessage,
  at: HostRules,
  rules: RegistryRules,
  history: RegistryHistory,
): Passed {
  const method = methodOf(asked);
  checkHost(asked, at);
  checkBody(asked);
  const raw = asked.url ?? "";
  const path = plainPath(raw);
  if (path === undefined)
    throw new ProxyRefusal(
      403,
      `${at.host} was asked for a path that registries do not have (a query, or an odd form).`,
    );
  const from = at.own.find((one) => path.startsWith(one.path));
  const found = at.open?.paths.map((pattern) => pattern.exec(path)).find((match) => match !== null);
  const ecosystem = from?.ecosystem ?? at.open?.ecosystem;
  if ((at.open ? !found : !from) || ecosystem === undefined)
    throw new ProxyRefusal(403, `${at.host}${path.slice(0, 80)} is not a path that reads packages.`);
  const headers = passedHeaders(asked, ecosystem);
  if (from)
    return {
      method,
      path: raw,
      headers: { ...headers, ...(from.authorization && { authorization: from.authorization }) },
      from,
    };
  const { name, version } = found?.groups ?? {};
  const place = `${at.key}${path}`;
  if (name === undefined) {
    history.ask({ place });
    return { method, path: raw, headers, place };
  }
  if (rules.isReserved(ecosystem, name))
    throw new ProxyRefusal(404, `${name} is a name of your own registries: ${at.host} is not asked for it.`);
  const known = `${ecosystem} ${name}`;
  history.ask({ name: known, place });
  if (ecosystem !== "go") return { method, path: raw, headers, name: known, place };
  const module = { name, ...(version !== undefined && { version }), isLookup: path.includes("/lookup/") };
  const sent = goPath(raw, module, history);
  return {
    ...{ method, path: sent, headers, name: known, place, isCachedOnly: sent !== raw },
    ...(version !== undefined && !module.isLookup && { module: `${name}@${version}` }),
  };
}

function methodOf({ method }: IncomingMessage): "GET" | "HEAD" {
  if (method === "GET" || method === "HEAD") return method;
  throw new ProxyRefusal(405, `${method} is refused: registries are read only here (GET and HEAD).`);
}

function checkHost(asked: IncomingMessage, at: HostRules) {
  const hosts = asked.headersDistinct.host ?? [];
  const right = at.port === 443 ? [at.host, at.key] : [at.key];
  if (hosts.length !== 1 || !right.includes(hosts[0]!))
    throw new ProxyRefusal(421, `A request on a connection to ${at.host} named another host, or none.`);
}

function checkBody({ headers }: IncomingMessage) {
  const hasBody = (headers["content-length"] ?? "0") !== "0" || headers["transfer-encoding"] !== undefined;
  if (hasBody || headers.expect !== undefined || headers.upgrade !== undefined)
    throw new ProxyRefusal(400, "A request that reads has no body, and asks for no other protocol.");
}

/** What a client may say itself, and how it must look; anything else is left out. */
const PASSED: Record<string, RegExp> = {
  accept: /^[\w*/.+;=, -]{1,256}$/,
  "accept-encoding": /^[\w*;=., -]{1,80}$/,
  "if-none-match": /^(?:W\/)?"[\w+/=.:-]{1,128}"$/,
  "if-modified-since": /^[\w,: +-]{1,40}$/,
  range: /^bytes=\d{1,15}-\d{0,15}$/,
  "if-range": /^(?:"[\w+/=.:-]{1,128}"|[\w,: +-]{1,40})$/,
};

function passedHeaders({ headers }: IncomingMessage, ecosystem: Ecosystem): Record<string, string> {
  const passed = Object.entries(PASSED).flatMap(([name, form]) => {
    const value = headers[name];
    return typeof value === "string" && form.test(value) ? [[name, value] as const] : [];
  });
  return { ...Object.fromEntries(passed), "user-agent": `cody-batch (${ecosystem})` };
}
