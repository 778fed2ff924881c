import type { Server } from "node:http";
import type { Socket } from "node:net";
import { uidOfClient } from "./client-uid.ts";

/** `clientUid`: only this user's sockets are served. A UNIX socket has the rights of its file. */
export type ProxyPlace = { path: string } | { host: string; port: number; clientUid?: number };

/** What an untrusted client may send before its request is known, and how long it may take: bytes and milliseconds. */
export const FIRST_WORDS = { maxHeaderSize: 16 * 1024, headersTimeout: 10_000 };

/** Listens for untrusted clients, at most `clients` at once; more are dropped unanswered. */
export async function listenForClients(server: Server, where: ProxyPlace, clients: number) {
  const sockets = new Set<Socket>();
  const clientUid = "clientUid" in where ? where.clientUid : undefined;
  server.maxConnections = clients;
  // Before the listener that reads: a stranger's bytes are not even looked at.
  server.prependListener("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    if (clientUid !== undefined && uidOfClient(socket) !== clientUid) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(where, resolve));
  // A connection that cannot be accepted (no descriptor is left) is the client's loss alone.
  server.removeAllListeners("error").on("error", () => {});
  const bound = server.address();
  return {
    /** 0 on a UNIX socket. */
    port: bound && typeof bound === "object" ? bound.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
