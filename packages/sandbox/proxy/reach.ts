import dns from "node:dns/promises";
import { once } from "node:events";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { HostPort } from "../../config/hosts.ts";
import { ProxyRefusal } from "./connections.ts";
import type { Policy } from "./destinations.ts";

export type Reach = { policy: Policy; connectTimeoutMs: number };

/**
 * A connection to the very address that was checked, so a name cannot mean one thing now and another then. Throws
 * Refused: 403 where commands must not go, 502 and 504 where nothing answers.
 */
export async function reach(
  target: HostPort,
  { policy, connectTimeoutMs }: Reach,
  signal: AbortSignal,
): Promise<Socket> {
  const closed = policy.refuses(target);
  if (closed !== undefined) throw new ProxyRefusal(403, closed);
  const late = AbortSignal.timeout(connectTimeoutMs);
  const ended = AbortSignal.any([signal, late]);
  let socket: Socket | undefined;
  try {
    const found = await inTime(dns.lookup(target.host, { all: true }), ended);
    for (const { address } of found) {
      const refusal = policy.refusesAddress(target, address);
      if (refusal !== undefined) throw new ProxyRefusal(403, refusal);
    }
    const pinned: LookupFunction = (_name, _options, done) => done(null, found);
    const host = isIP(target.host) ? found[0]!.address : target.host;
    socket = connect({ host, port: target.port, lookup: pinned, autoSelectFamily: true });
    await once(socket, "connect", { signal: ended });
    return socket;
  } catch (error) {
    socket?.on("error", () => {}).destroy();
    if (error instanceof ProxyRefusal) throw error;
    signal.throwIfAborted();
    if (late.aborted)
      throw new ProxyRefusal(504, `${target.host} did not answer within ${Math.round(connectTimeoutMs / 1000)} s.`);
    throw new ProxyRefusal(502, `${target.host} could not be reached: ${codeOf(error)}.`);
  }
}

/** TLS over it, for a client that left that to the proxy. The certificate must be the host's. */
export async function withTls(socket: Socket, { host }: HostPort, timeoutMs: number): Promise<TLSSocket> {
  const secure = connectTls({ socket, ...(isIP(host) ? { host } : { servername: host }) });
  try {
    await once(secure, "secureConnect", { signal: AbortSignal.timeout(timeoutMs) });
    return secure;
  } catch (error) {
    secure.on("error", () => {}).destroy();
    socket.destroy();
    throw new ProxyRefusal(502, `TLS with ${host} failed: ${codeOf(error)}.`);
  }
}

/** A lookup cannot be taken back: its answer is only no longer waited for. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const never = wait(2 ** 30, undefined, { signal, ref: false }) as Promise<never>;
  work.catch(() => {});
  never.catch(() => {});
  return Promise.race([work, never]);
}

function codeOf(error: unknown): string {
  const one = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error ? ("code" in one && String(one.code)) || one.message : String(one);
}
