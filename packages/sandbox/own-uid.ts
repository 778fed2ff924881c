import { existsSync, realpathSync, statSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { dirname } from "node:path";
import { openPortProxy } from "./command-proxy.ts";
import type { CommandLimits } from "./limits.ts";
import { type ModeBuild, outsideOf, type Proxies, type SandboxedCommand } from "./mode.ts";
import { networkEnvironment } from "./network-environment.ts";
import { removeOrphans, SHARED_MEMORY } from "./orphans.ts";
import { endOwned, listProcesses, memoryOf, ownedBy, sendTo } from "./processes.ts";
import { resourcesOf } from "./resources.ts";
import { filterForThisMachine } from "./seccomp/filter.ts";
import { inPlace } from "./toolchains/placed.ts";
import { onlyOpen, type Toolchains } from "./toolchains/toolchains.ts";

/** Where the Dockerfile puts launcher/enclose.c. */
export const LAUNCHER = "/usr/local/libexec/cody-enclose";

/** Those of this machine that a user of its own can reach: it has no mounts, so every folder above counts. */
export const openToAll = (toolchains: Toolchains) =>
  onlyOpen(toolchains, (path) => existsSync(path) && isOpenToAll(realpathSync(path)));

const isOpenToAll = (path: string): boolean =>
  (statSync(path).mode & 0o001) !== 0 && (path === "/" || isOpenToAll(dirname(path)));

const SHUT = 0o700;
const OPEN_TO_PASS = 0o711;

/**
 * A user of its own per runner, no_new_privs, no capabilities, and a seccomp filter: works in a container without user
 * namespaces when the harness is its root process. No mount namespace: what the machine lets every user read stays
 * readable, so the image must not hold secrets.
 *
 * With a supervisor (launcher/supervise.c) commands have loopback for themselves, and one with network the proxy
 * besides. Where the machine has none, commands have no sockets at all, one with network neither: nothing else could
 * tell a registry's address from the one that hands out credentials.
 *
 * One process tree at a time: ending one means ending every process of the user.
 */
export function ownUid(
  launcher: string,
  as: {
    owner: { uid: number; gid: number };
    toolchains: Toolchains;
    limits: CommandLimits;
    supervised: boolean;
    proxies: Proxies;
  },
): ModeBuild {
  const { uid, gid } = as.owner;
  let last: Promise<unknown> = Promise.resolve();
  const network = (command: SandboxedCommand) => (as.supervised ? command.network : "none");
  return {
    mode: as.supervised ? "own-uid" : "own-uid without sockets",
    owner: as.owner,
    toolchains: inPlace(as.toolchains),
    mounts: ({ tree, gitDir, home, tmp }) => ({ tree, gitDir, home, tmp }),
    enter(folders, command, proxy) {
      const sockets = network(command);
      const filter = filterForThisMachine(sockets === "none" ? "none" : "supervised");
      if (!filter) throw new Error(`There is no seccomp filter for ${process.arch}.`);
      const { data, fsize, nproc, nofile, cpu } = resourcesOf(command.cpuSeconds, as.limits);
      const joined = command.joined ? ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh"] : [];
      return {
        file: launcher,
        args: [
          ...[uid, gid, data, fsize, nproc, nofile, cpu].map(String),
          proxy ? String(proxy.port) : sockets,
          ...[...joined, ...command.argv],
        ],
        cwd: folders.tree,
        env: {
          ...command.env,
          ...(proxy?.folder && networkEnvironment(proxy.folder, proxy.port, proxy.files)),
        },
        feeds: [filter],
      };
    },
    // The gate: while commands run only root gets to the git dir; git gets to it when no command lives.
    around(folders, command, work) {
      const next = last.then(async () => {
        await using _ = { [Symbol.asyncDispose]: () => removeOrphans(uid, SHARED_MEMORY) };
        const outside = as.supervised ? outsideOf(command) : undefined;
        if (outside !== undefined) {
          await using proxy = await openPortProxy(as.proxies[outside], folders, uid);
          return await work(proxy);
        }
        if (!command.withGitDir) return await work();
        const gate = dirname(folders.gitDir);
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
    // The launcher, asked to end, ends every process of the user first. Something may have ended it before that.
    async endAll(pid, { died }) {
      sendTo(pid, "SIGTERM");
      if (died) await endOwned(uid);
    },
    memoryOf: () => memoryOf(ownedBy(uid, listProcesses())),
    brokenSandbox: /^enclose: /m,
  };
}
