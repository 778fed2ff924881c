import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { CommandLimits } from "../limits.ts";
import { filterForThisMachine } from "./filter.ts";
import { inFolder, prlimitArguments, SYSTEM_PATH } from "./inside.ts";
import { descendantsOf, listProcesses, memoryOf, sendTo } from "./processes.ts";
import type { TierBuild } from "./tier.ts";
import { openTunnel, type TunnelPolicy, throughTunnel, tunnelEnvironment, tunnelOf } from "./tunnel.ts";

export type BubblewrapTools = { bwrap: string; prlimit: string; setpriv?: string };

/** What builds read from /etc, and nothing else of it: no shadow, no keys, no settings with passwords. */
const ETC = [
  "alternatives",
  "ca-certificates",
  "ca-certificates.conf",
  "crypto-policies",
  "debian_version",
  "fonts",
  "java",
  "java-8-openjdk",
  "java-11-openjdk",
  "java-17-openjdk",
  "java-21-openjdk",
  "java-25-openjdk",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "magic",
  "maven/logging",
  "maven/m2.conf",
  "mime.types",
  "os-release",
  "perl",
  "pki/ca-trust",
  "pki/java",
  "pki/tls/certs",
  "protocols",
  "services",
  "ssl/certs",
  "ssl/openssl.cnf",
  "terminfo",
  "timezone",
];
const PLACES = { tree: "/workspace", gitDir: "/git", home: "/home/cody", tmp: "/tmp" };
const SMALL_TMPFS_BYTES = 64 * 1024 * 1024;
const USER = { uid: 1000, gid: 1000 };

/**
 * Own pid, net, mount, ipc and uts namespaces over a small selection of the machine, read-only; the network of a
 * command that may have it is a tunnel (tunnel.ts). Run by root, commands
 * get a user of their own (root's processes are exempt from the process limit); run by anybody else, a user namespace.
 */
export function bubblewrap(
  tools: BubblewrapTools,
  as: {
    owner?: { uid: number; gid: number };
    toolchains: readonly string[];
    limits: CommandLimits;
    mayReach?: TunnelPolicy;
  },
): TierBuild {
  const { owner } = as;
  const user = owner ?? USER;
  return {
    tier: "bubblewrap",
    ...(owner && { owner }),
    places: () => PLACES,
    enter(workspace, inside) {
      const filter = filterForThisMachine("own-network");
      if (!filter) throw new Error(`There is no seccomp filter for ${process.arch}.`);
      const feeds = [
        filter,
        text(`root:x:0:0:root:/:/usr/sbin/nologin\ncody:x:${user.uid}:${user.gid}:cody:${PLACES.home}:/bin/sh\n`),
        text(`root:x:0:\ncody:x:${user.gid}:\n`),
        text("127.0.0.1 localhost\n::1 localhost\n"),
        text("passwd: files\ngroup: files\nhosts: files dns\n"),
      ];
      const drop = owner
        ? [
            tools.setpriv ?? "setpriv",
            `--reuid=${owner.uid}`,
            `--regid=${owner.gid}`,
            "--clear-groups",
            "--inh-caps=-all",
          ]
        : [];
      const tunnel = inside.network === "tunnel";
      const argv = tunnel ? throughTunnel(process.execPath, TUNNEL_INSIDE, inside.argv) : inside.argv;
      const command = [
        tools.prlimit,
        ...prlimitArguments(inside.cpuSeconds, as.limits),
        ...drop,
        ...inFolder(PLACES.tree, argv, inside.joined),
      ];
      const hidden = as.toolchains.filter((path) => path.startsWith(`${PLACES.tmp}/`));
      const plainly = as.toolchains.filter((path) => !hidden.includes(path));
      return {
        file: tools.bwrap,
        cwd: "/",
        env: {
          ...inside.env,
          ...(tunnel && tunnelEnvironment(TUNNEL_INSIDE)),
          PATH: [SYSTEM_PATH, ...as.toolchains].join(":"),
        },
        feeds,
        args: [
          "--die-with-parent",
          "--new-session",
          "--unshare-pid",
          "--unshare-ipc",
          "--unshare-uts",
          "--unshare-cgroup-try",
          "--unshare-net",
          ...(owner
            ? ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
            : ["--unshare-user", "--uid", String(USER.uid), "--gid", String(USER.gid)]),
          ...["--hostname", "cody"],
          ...foldersAbove([...plainly, ...ETC.map((name) => `/etc/${name}`), PLACES.home, TUNNEL_INSIDE]),
          ...systemMounts(plainly),
          // Without a mode of its own bwrap makes the folder of a data file 0700: closed to the commands' user.
          ...["--perms", "0755", "--dir", "/etc"],
          ...["passwd", "group", "hosts", "nsswitch.conf"].flatMap((name, i) => [
            ...["--perms", "0644", "--ro-bind-data", String(4 + i), `/etc/${name}`],
          ]),
          ...ETC.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
          ...["--proc", "/proc", "--dev", "/dev"],
          ...["--perms", "1777", "--size", String(SMALL_TMPFS_BYTES), "--tmpfs", "/dev/shm"],
          ...["--bind", workspace.tmp, PLACES.tmp, "--symlink", "/tmp", "/var/tmp"],
          // A checkout of ours below /tmp: its node goes on top of the commands' own /tmp, which would hide it.
          ...foldersAbove(hidden),
          ...hidden.flatMap((path) => ["--ro-bind", path, path]),
          ...["--bind", workspace.home, PLACES.home],
          ...["--bind", workspace.tree, PLACES.tree],
          ...(inside.withGitDir ? ["--bind", workspace.gitDir, PLACES.gitDir] : []),
          ...(tunnel ? ["--ro-bind", tunnelOf(workspace), TUNNEL_INSIDE] : []),
          // The root and /dev are memory: read-only, so that nobody fills it.
          ...["--remount-ro", "/dev", "--remount-ro", "/"],
          ...["--chdir", "/", "--seccomp", "3", "--"],
          ...command,
        ],
      };
    },
    async around(workspace, inside, work) {
      if (inside.network !== "tunnel") return work();
      await using _tunnel = await openTunnel(tunnelOf(workspace), "socket", owner, as.mayReach);
      return await work();
    },
    // The first process of the pid namespace dies with its parent, and the kernel ends the rest with it.
    endAll: (pid) => sendTo(pid, "SIGKILL"),
    memoryOf: (pid) => memoryOf(descendantsOf(pid, listProcesses())),
    brokenWalls: /^(bwrap|prlimit|setpriv): /m,
  };
}

const TUNNEL_INSIDE = "/run/cody";

const text = (value: string) => new TextEncoder().encode(value);

/** bubblewrap would make the folders above a mount for root alone. */
function foldersAbove(paths: readonly string[]): string[] {
  const above = new Set(
    paths.flatMap((path) => {
      const names = path.split("/").slice(1, -1);
      return names.map((_, i) => `/${names.slice(0, i + 1).join("/")}`);
    }),
  );
  return [...above].filter((path) => !SYSTEM.test(path)).flatMap((path) => ["--perms", "0755", "--dir", path]);
}

/** Mounted whole, or links into what is. */
const SYSTEM = /^\/(usr|bin|sbin|lib|lib32|lib64|libx32)(\/|$)/;

/** /bin and friends are links into /usr on a merged system, folders elsewhere. */
function systemMounts(toolchains: readonly string[]): string[] {
  const links = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return [];
    return found.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
  });
  const outside = toolchains.filter((path) => !SYSTEM.test(path) && existsSync(path));
  return ["--ro-bind", "/usr", "/usr", ...links, ...outside.flatMap((path) => ["--ro-bind", path, path])];
}

/** The folder of the program that runs us, so that `node` exists inside wherever it is installed. */
export const ownToolchain = (execPath: string) => dirname(execPath);
