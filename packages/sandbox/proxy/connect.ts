import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { parseAuthority } from "../../config/hosts.ts";
import { ProxyRefusal } from "./connections.ts";
import type { Outside } from "./outside.ts";

/** CONNECT: bytes both ways, unread. What goes wrong before is answered with a status and a sentence. */
export async function answerConnect(asked: IncomingMessage, client: Duplex, head: Buffer, outside: Outside) {
  try {
    const target = parseAuthority(asked.url ?? "");
    if (!target) throw new ProxyRefusal(400, "CONNECT names a host and a port, and nothing else.");
    const upstream = await outside.open(target);
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    if (client.destroyed) return void upstream.destroy();
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) upstream.write(head);
    client.pipe(upstream).pipe(client);
  } catch (error) {
    client.end(refusalText(outside.refusalOf(error)));
  }
}

/** A whole answer, where there is no ServerResponse to write it. */
export function refusalText({ status, message }: ProxyRefusal): string {
  const body = `${message}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
