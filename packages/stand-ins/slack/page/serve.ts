import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import type { PageApi } from "./api.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};
const FILE = /^[a-z-]+\.(html|css|js)$/;
const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data: http://127.0.0.1:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * The workspace in a browser: its files and the API that they use. The holder of the key of the pages may act as each
 * person here.
 */
export function createPageServer(api: PageApi, readBody: (request: IncomingMessage) => Promise<string>) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (url.pathname === "/") return sendFile(response, "index.html");
    if (request.method === "GET" && url.pathname.startsWith("/page/"))
      return sendFile(response, url.pathname.slice("/page/".length));
    if (url.pathname === "/workspace/changes") return api.stream(url.searchParams, response);
    const name = url.pathname.slice("/workspace/".length);
    if (request.method === "GET") return sendJson(response, api.read(name, url.searchParams));
    if (!request.headers["content-type"]?.startsWith("application/json")) return void response.writeHead(415).end();
    return sendJson(response, await api.act(name, JSON.parse(await readBody(request))));
  };
}

async function sendFile(response: ServerResponse, name: string) {
  const type = TYPES[extname(name)];
  if (!FILE.test(name) || !type) return void response.writeHead(404).end();
  const body = await readFile(join(import.meta.dirname, name)).catch(() => undefined);
  if (!body) return void response.writeHead(404).end();
  response.writeHead(200, { ...HEADERS, "content-type": type }).end(body);
}

function sendJson(response: ServerResponse, value: unknown) {
  const type = "application/json; charset=utf-8";
  response.writeHead(value === undefined ? 404 : 200, { ...HEADERS, "content-type": type });
  response.end(JSON.stringify(value === undefined ? { error: "not found" } : value));
}
