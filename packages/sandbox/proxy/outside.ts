import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { HostPort } from "../../config/hosts.ts";
import { connectionLimit, ProxyRefusal } from "./connections.ts";
import type { Policy } from "./destinations.ts";
import { reach, withTls } from "./reach.ts";

export type ProxyLimits = {
  /** Connections of commands at once; more are dropped unanswered. */
  clients: number;
  /** Connections to the outside at once; more wait. */
  connections: number;
  /** For a free connection, for a name, for a host that answers, each. */
  connectTimeoutMs: number;
  /** Without a byte either way. */
  idleMs: number;
};

export const PROXY_LIMITS: ProxyLimits = {
  clients: 512,
  connections: 128,
  connectTimeoutMs: 10_000,
  idleMs: 120_000,
};

/** Leaves descriptors for everything else: a client takes one, a connection one. */
export function limitsFor(openFiles: number, limits: ProxyLimits = PROXY_LIMITS): ProxyLimits {
  const share = Math.floor(openFiles / 4);
  return { ...limits, clients: Math.min(limits.clients, share), connections: Math.min(limits.connections, share) };
}

export type Outside = {
  /** Throws Refused. */
  open(target: HostPort): Promise<Socket>;
  openTls(target: HostPort): Promise<TLSSocket>;
  /** What the client is told; each sentence is kept once for people. */
  refusalOf(error: unknown): ProxyRefusal;
};

const MAX_KEPT_REFUSALS = 10;

/** Every connection that commands get to the outside, counted and within their limits, until the signal aborts. */
export function outside(policy: Policy, limits: ProxyLimits, signal: AbortSignal, refusals: Set<string>): Outside {
  const { connectTimeoutMs, idleMs } = limits;
  const place = connectionLimit(limits.connections, connectTimeoutMs);

  async function open(target: HostPort) {
    const giveBack = await place(signal);
    try {
      const socket = await reach(target, { policy, connectTimeoutMs }, signal);
      const end = () => socket.destroy();
      signal.addEventListener("abort", end, { once: true });
      const silent = new ProxyRefusal(504, `${target.host} was silent for ${Math.round(idleMs / 1000)} s.`);
      socket.on("error", end).setTimeout(idleMs, () => socket.destroy(silent));
      socket.once("close", () => {
        signal.removeEventListener("abort", end);
        giveBack();
      });
      return socket;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  return {
    open,
    openTls: async (target) => withTls(await open(target), target, connectTimeoutMs),
    refusalOf(error) {
      const refusal =
        error instanceof ProxyRefusal
          ? error
          : new ProxyRefusal(502, error instanceof Error ? error.message : String(error));
      if (refusals.size < MAX_KEPT_REFUSALS) refusals.add(refusal.message);
      return refusal;
    },
  };
}
