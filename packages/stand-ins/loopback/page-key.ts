import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** How long a browser remembers the key of a state folder: the address with the key need not be opened each day. */
const REMEMBERED_SECONDS = 30 * 24 * 60 * 60;

const digest = (text: string) => createHash("sha256").update(text).digest();
const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

/** Cookies of 127.0.0.1 go to each of its ports: one visit opens all pages of a stack, and the name tells stacks apart. */
export const pageCookie = (key: string) => ({ name: `cody-page-${digest(key).toString("hex", 0, 4)}`, value: key });
/** The header of a program that looks at the pages. */
export const cookieHeader = (key: string) => ({ cookie: Object.values(pageCookie(key)).join("=") });

/**
 * Whether a browser may see the pages. The address with `?key=` is exchanged for a cookie, so that the key is in no
 * address from then on. false: answered already.
 */
export function admit(key: string, request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const { name, value } = pageCookie(key);
  const given = url.searchParams.get("key");
  if (request.method === "GET" && given !== null && isSame(given, key)) {
    url.searchParams.delete("key");
    response
      .writeHead(303, {
        location: `${url.pathname.replace(/^\/+/, "/")}${url.search}`,
        "set-cookie": `${name}=${value}; Path=/; Max-Age=${REMEMBERED_SECONDS}; HttpOnly; SameSite=Lax`,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
      })
      .end();
    return false;
  }
  const cookies = (request.headers.cookie ?? "").split(/; */).map((pair) => pair.split(/=(.*)/s));
  if (cookies.some(([its, held = ""]) => its === name && isSame(held, value))) return true;
  response
    .writeHead(401, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" })
    .end("Open this page with the address that the stack showed at its start: the key in it lets this browser in.\n");
  return false;
}
