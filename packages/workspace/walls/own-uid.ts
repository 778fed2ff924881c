import { chmod } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { CommandLimits } from "../limits.ts";
import { filterForThisMachine } from "./filter.ts";
import { SYSTEM_PATH } from "./inside.ts";
import { SHARED_MEMORY, sweep } from "./leftovers.ts";
import { listProcesses, memoryOf, ownedBy, sendTo } from "./processes.ts";
import type { Inside, TierBuild } from "./tier.ts";
import { openTunnel, type TunnelPolicy, tunnelEnvironment, tunnelOf } from "./tunnel.ts";

/** Where the Dockerfile puts walls/launcher/enclose.c. */
export const LAUNCHER = "/usr/local/libexec/cody-enclose";

const SHUT = 0o700;
const OPEN_TO_PASS = 0o711;

/**
 * A user of its own per runner, no_new_privs, no capabilities, and a seccomp filter: works in a container without user
 * namespaces when the harness is its root process. No mount namespace: what the machine lets everybody read stays
 * readable, so the image must not hold secrets.
 *
 * With a supervisor (launcher/supervise.c) commands have loopback for themselves, and one with network the tunnel
 * besides. Where the machine has none, commands have no sockets at all, one with network neither: nothing else could
 * tell a registry's address from the one that hands out credentials.
 *
 * One process tree at a time: ending one means ending every process of the user.
 */
export function ownUid(
  launcher: string,
  as: {
    owner: { uid: number; gid: number };
    toolchains: readonly string[];
    limits: CommandLimits;
    supervised: boolean;
    mayReach?: TunnelPolicy;
  },
): TierBuild {
  const { uid, gid } = as.owner;
  let last: Promise<unknown> = Promise.resolve();
  let tunnelPort = 0;
  const network = (inside: Inside) => (as.supervised ? inside.network : "none");
  return {
    tier: as.supervised ? "own-uid" : "own-uid without sockets",
    owner: as.owner,
    places: ({ tree, gitDir, home, tmp }) => ({ tree, gitDir, home, tmp }),
    enter(workspace, inside) {
      const sockets = network(inside);
      const filter = filterForThisMachine(sockets === "none" ? "none" : "supervised");
      if (!filter) throw new Error(`There is no seccomp filter for ${process.arch}.`);
      const { memoryBytes, fileBytes, processes, openFiles } = as.limits;
      const limits = [memoryBytes, fileBytes, processes, openFiles, inside.cpuSeconds].map(String);
      const joined = inside.joined ? ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh"] : [];
      const tunnel = sockets === "tunnel";
      return {
        file: launcher,
        args: [
          ...[String(uid), String(gid), ...limits, tunnel ? String(tunnelPort) : sockets],
          ...[...joined, ...inside.argv],
        ],
        cwd: workspace.tree,
        env: {
          ...inside.env,
          ...(tunnel && tunnelEnvironment(tunnelOf(workspace), tunnelPort)),
          PATH: [SYSTEM_PATH, ...as.toolchains].join(":"),
        },
        feeds: [filter],
      };
    },
    // The gate: while commands run nobody but root gets to the git dir; git gets to it when no command lives.
    around(workspace, inside, work) {
      const next = last.then(async () => {
        await using _ = { [Symbol.asyncDispose]: () => sweep(uid, SHARED_MEMORY) };
        if (network(inside) === "tunnel") {
          await using tunnel = await openTunnel(tunnelOf(workspace), "port", as.owner, as.mayReach);
          tunnelPort = tunnel.port;
          return await work();
        }
        if (!inside.withGitDir) return await work();
        const gate = dirname(workspace.gitDir);
        await chmod(gate, OPEN_TO_PASS);
        try {
          return await work();
        } finally {
          await chmod(gate, SHUT);
        }
      });
      last = next.catch(() => {});
      return next;
    },
    // The launcher, asked to end, ends every process of the user first. Somebody may have ended it before that.
    async endAll(pid, died) {
      sendTo(pid, "SIGTERM");
      for (let left = died ? ownedBy(uid, listProcesses()) : []; left.length; left = ownedBy(uid, listProcesses())) {
        for (const process of left) sendTo(process.pid, "SIGKILL");
        await setTimeout(20);
      }
    },
    memoryOf: () => memoryOf(ownedBy(uid, listProcesses())),
    brokenWalls: /^enclose: /m,
  };
}
