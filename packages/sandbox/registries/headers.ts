import type { IncomingHttpHeaders } from "node:http";
import { ProxyRefusal } from "../proxy/connections.ts";

/** What clients of registries read; no cookies, no challenges, no advice about other hosts. */
const RETURNED = [
  ...["content-type", "content-length", "content-encoding", "content-range", "accept-ranges", "date", "age", "vary"],
  ...["etag", "last-modified", "cache-control", "expires", "retry-after"],
  // Python's and Maven's clients compare with these.
  ...[
    "x-pypi-last-serial",
    "x-checksum-sha1",
    "x-checksum-md5",
    "x-goog-meta-checksum-sha1",
    "x-goog-meta-checksum-md5",
  ],
];

export const returnedHeaders = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(RETURNED.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));

/** Where an answer points to, as a whole address. @throws ProxyRefusal for what is no https address. */
export function locationOf(
  headers: IncomingHttpHeaders,
  asked: { host: string; port: number; path: string },
): URL | undefined {
  if (headers.location === undefined) return undefined;
  const url = URL.parse(headers.location, `https://${asked.host}:${asked.port}${asked.path}`);
  if (url?.protocol !== "https:" || url.username || url.password || url.href.length > 4_096)
    throw new ProxyRefusal(502, `${asked.host} redirected to something that is no https address.`);
  return url;
}
