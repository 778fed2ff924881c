import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { foreignness } from "../loopback/server.ts";
import type { Courier, DeliveryResult } from "./delivery.ts";
import { APP } from "./workspace.ts";

const TICKET_MS = 30_000;
/** The client gives up on a connection after 30 s without a ping. */
const PING_MS = 10_000;
const CLOSE_MS = 300;
/** https://docs.slack.dev/apis/events-api/using-socket-mode: up to 10 connections, a payload goes to any one of them. */
const MAX_CONNECTIONS = 10;

export type SocketMode = Courier & {
  /** A URL for one connection. */
  openConnection(): string;
  connections(): number;
  /** As Slack does now and then: the client is told to connect anew. */
  refresh(): void;
};

/** The WebSocket side of Socket Mode on the stand-in's own HTTP server. */
export function serveSocketMode(
  server: Server,
  deps: { url: () => string; nowMs: () => number; ackMs: number; log: (line: string) => void },
): SocketMode {
  const sockets = new WebSocketServer({ noServer: true });
  const tickets = new Map<string, number>();
  const open: WebSocket[] = [];
  /** An envelope that was sent twice waits for two acks. */
  const waiting = new Set<{ id: string; settle: (delivery: DeliveryResult) => void }>();
  let turn = 0;

  server.on("upgrade", (request, socket, head) => {
    const ticket = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? "";
    const issued = tickets.get(ticket);
    tickets.delete(ticket);
    if (
      foreignness(request) !== undefined ||
      issued === undefined ||
      deps.nowMs() - issued > TICKET_MS ||
      open.length >= MAX_CONNECTIONS
    ) {
      deps.log(
        "slack refused a Socket Mode connection: its ticket is unknown, used or old, or it comes from elsewhere",
      );
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, greet);
  });

  function greet(socket: WebSocket) {
    open.push(socket);
    socket.on("close", () => open.splice(open.indexOf(socket), 1));
    socket.on("message", (data) => receive(String(data)));
    socket.on("error", () => socket.terminate());
    socket.send(
      JSON.stringify({
        type: "hello",
        num_connections: open.length,
        debug_info: { host: "stand-in", approximate_connection_time: 3_600 },
        connection_info: { app_id: APP.id },
      }),
    );
  }

  function receive(text: string) {
    const answer = JSON.parse(text) as { envelope_id?: string; payload?: unknown };
    const sent = [...waiting].find(({ id }) => id === answer.envelope_id);
    if (!sent) deps.log("slack ignored an ack: it came after 3 s, twice, or for no known envelope");
    sent?.settle({ acked: true, body: answer.payload ?? {} });
  }

  const pings = setInterval(() => open.forEach((socket) => void socket.ping()), PING_MS).unref();

  return {
    openConnection: () => {
      const ticket = randomUUID();
      tickets.set(ticket, deps.nowMs());
      return `${deps.url().replace(/^http/, "ws")}/link/?ticket=${ticket}&app_id=${APP.id}`;
    },
    connections: () => open.length,
    refresh: () =>
      open.forEach((socket) => void socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }))),
    send: ({ kind, payload, envelopeId: id = randomUUID() }, retry) =>
      new Promise((resolve) => {
        const socket = open[turn++ % Math.max(1, open.length)];
        if (!socket) return resolve({ acked: false, error: "dispatch_failed" });
        const sent = {
          id,
          settle: (delivery: DeliveryResult) => {
            clearTimeout(timer);
            waiting.delete(sent);
            resolve(delivery);
          },
        };
        const timer = setTimeout(sent.settle, deps.ackMs, { acked: false, error: "operation_timeout" });
        waiting.add(sent);
        socket.send(
          JSON.stringify({
            envelope_id: id,
            type: kind,
            payload,
            accepts_response_payload: kind !== "events_api",
            ...(kind === "events_api" && { retry_attempt: retry?.number ?? 0, retry_reason: retry?.reason ?? "" }),
          }),
        );
      }),
    stop: async () => {
      clearInterval(pings);
      for (const { settle } of [...waiting]) settle({ acked: false, error: "dispatch_failed" });
      const closed = open.map((socket) => once(socket, "close"));
      for (const socket of open) socket.close(1001);
      await Promise.race([Promise.all(closed), sleep(CLOSE_MS, undefined, { ref: false })]);
      for (const socket of open) socket.terminate();
      sockets.close();
    },
  };
}
