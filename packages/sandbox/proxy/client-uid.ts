import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

/** proc_net(5): local and remote address with port, state, queues, timers, retries, and whose socket it is. */
const LINE = /^ *\d+: [\dA-F]+:([\dA-F]{4}) [\dA-F]+:([\dA-F]{4}) [\dA-F]{2} \S+ \S+ +\S+ +(\d+)/;

/** Whose socket is at the other end of a connection on this machine's loopback; undefined: it cannot be told. */
export function uidOfClient({ remotePort, localPort }: Pick<Socket, "remotePort" | "localPort">): number | undefined {
  if (remotePort === undefined || localPort === undefined) return undefined;
  const [from, to] = [remotePort, localPort].map((port) => port.toString(16).toUpperCase().padStart(4, "0"));
  const uids = ["tcp", "tcp6"].flatMap((table) =>
    linesOf(table).flatMap((line) => {
      const [, local, remote, uid] = LINE.exec(line) ?? [];
      return local === from && remote === to ? [Number(uid)] : [];
    }),
  );
  // Two connections between these ports, by two addresses: neither is believed.
  return new Set(uids).size === 1 ? uids[0] : undefined;
}

function linesOf(table: string): string[] {
  try {
    return readFileSync(`/proc/self/net/${table}`, "latin1").split("\n");
  } catch {
    return [];
  }
}
