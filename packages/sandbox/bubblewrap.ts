import { statSync } from "node:fs";
import { INSIDE_PORT, openSocketProxy, throughProxy } from "./command-proxy.ts";
import { inFolder, prlimitArguments } from "./environment.ts";
import type { CommandLimits } from "./limits.ts";
import { type ModeBuild, outsideOf, type Proxies } from "./mode.ts";
import { networkEnvironment } from "./network-environment.ts";
import { descendantsOf, endNamespace, listProcesses, memoryOf, sendTo } from "./processes.ts";
import { resourcesOf } from "./resources.ts";
import { filterForThisMachine } from "./seccomp/filter.ts";
import { ETC, systemMounts } from "./system-mounts.ts";
import { placeToolchains } from "./toolchains/placed.ts";
import { isSystem, onlyOpen, type Toolchains } from "./toolchains/toolchains.ts";

/** Who builds it: bubblewrap, or enclose.pl, which takes the same options. */
export type Builder = {
  mode: "bubblewrap" | "namespaces";
  /** The program and its first arguments. */
  argv: readonly [string, ...string[]];
  prlimit: string;
  setpriv?: string;
  /** Own: only the command's processes are to be seen. A container may allow no more than the one it has. */
  proc: "own" | "bound";
};

const MOUNTS = { tree: "/workspace", gitDir: "/git", home: "/home/cody", tmp: "/tmp" };
const SMALL_TMPFS_BYTES = 64 * 1024 * 1024;
const USER = { uid: 1000, gid: 1000 };

/**
 * Own pid, net, mount, ipc and uts namespaces over a small selection of the machine, read-only; the network of a
 * command that may have it is a proxy (command-proxy.ts). Where the harness is root, commands
 * get a user of their own (root's processes are exempt from the process limit); otherwise they get a user namespace.
 */
export function bubblewrap(
  builder: Builder,
  as: {
    owner?: { uid: number; gid: number };
    toolchains: Toolchains;
    limits: CommandLimits;
    proxies: Proxies;
  },
): ModeBuild {
  const { owner } = as;
  const user = owner ?? USER;
  const toolchains = placeToolchains(as.toolchains, [...Object.values(MOUNTS), PROXY.folder]);
  return {
    mode: builder.mode,
    ...(builder.proc === "bound" && { remark: "commands see the names of this container's processes" }),
    ...(owner && { owner }),
    toolchains,
    mounts: () => MOUNTS,
    enter(folders, command, proxy) {
      const filter = filterForThisMachine("own-network");
      if (!filter) throw new Error(`There is no seccomp filter for ${process.arch}.`);
      const feeds = [
        filter,
        text(`root:x:0:0:root:/:/usr/sbin/nologin\ncody:x:${user.uid}:${user.gid}:cody:${MOUNTS.home}:/bin/sh\n`),
        text(`root:x:0:\ncody:x:${user.gid}:\n`),
        text("127.0.0.1 localhost\n::1 localhost\n"),
        text("passwd: files\ngroup: files\nhosts: files dns\n"),
      ];
      const clientFiles = Object.entries(proxy?.files ?? {});
      const firstClientFile = 3 + feeds.length;
      feeds.push(...clientFiles.map(([, bytes]) => bytes));
      const drop = owner
        ? [
            builder.setpriv ?? "setpriv",
            `--reuid=${owner.uid}`,
            `--regid=${owner.gid}`,
            "--clear-groups",
            "--inh-caps=-all",
          ]
        : [];
      const argv = proxy ? throughProxy(toolchains.seenAs(process.execPath), PROXY.socket, command.argv) : command.argv;
      const argvInside = [
        builder.prlimit,
        ...prlimitArguments(resourcesOf(command.cpuSeconds, as.limits)),
        ...drop,
        ...inFolder(MOUNTS.tree, argv, command.joined),
      ];
      return {
        file: builder.argv[0],
        cwd: "/",
        env: {
          ...command.env,
          ...(proxy && networkEnvironment(PROXY.folder, INSIDE_PORT, proxy.files)),
        },
        feeds,
        reports: true,
        args: [
          ...builder.argv.slice(1),
          "--die-with-parent",
          ...["--json-status-fd", String(3 + feeds.length)],
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
          ...foldersAbove([
            ...toolchains.mounts.map(({ inside }) => inside),
            ...ETC.map((name) => `/etc/${name}`),
            ...[MOUNTS.home, ...(proxy ? [PROXY.socket] : [])],
          ]),
          ...systemMounts(),
          ...toolchains.mounts.flatMap(({ path, inside }) => ["--ro-bind", path, inside]),
          // Without a mode of its own bwrap makes the folder of a data file 0700: closed to the commands' user.
          ...["--perms", "0755", "--dir", "/etc"],
          ...["passwd", "group", "hosts", "nsswitch.conf"].flatMap((name, i) => [
            ...["--perms", "0644", "--ro-bind-data", String(4 + i), `/etc/${name}`],
          ]),
          ...ETC.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
          ...(builder.proc === "own" ? ["--proc", "/proc"] : ["--ro-bind", "/proc", "/proc"]),
          ...["--dev", "/dev"],
          ...["--perms", "1777", "--size", String(SMALL_TMPFS_BYTES), "--tmpfs", "/dev/shm"],
          ...["--bind", folders.tmp, MOUNTS.tmp, "--symlink", "/tmp", "/var/tmp"],
          ...["--bind", folders.home, MOUNTS.home],
          ...["--bind", folders.tree, MOUNTS.tree],
          ...(command.withGitDir ? ["--bind", folders.gitDir, MOUNTS.gitDir] : []),
          ...(proxy?.socket
            ? [
                ...["--ro-bind", proxy.socket, PROXY.socket],
                ...clientFiles.flatMap(([name], i) => [
                  ...["--perms", "0644", "--ro-bind-data", String(firstClientFile + i), `${PROXY.folder}/${name}`],
                ]),
              ]
            : []),
          // The root and /dev are memory: read-only, so that no command fills it.
          ...["--remount-ro", "/dev", "--remount-ro", "/"],
          ...["--chdir", "/", "--seccomp", "3", "--"],
          ...argvInside,
        ],
      };
    },
    async around(_folders, command, work) {
      const outside = outsideOf(command);
      if (outside === undefined) return work();
      await using proxy = await openSocketProxy(as.proxies[outside], owner);
      return await work(proxy);
    },
    // The first process of the pid namespace dies with its parent, and the kernel ends the rest with it. It dies a
    // moment later, though, and our own end must not come before. Until it is reported it does not even die: it waits
    // for a word of its parent, in the parent's group.
    async endAll(pid, { report }) {
      sendTo(-pid, "SIGKILL");
      const [, first] = /"child-pid": *(\d+)/.exec(report) ?? [];
      if (first !== undefined) await endNamespace(Number(first));
    },
    memoryOf: (pid) => memoryOf(descendantsOf(pid, listProcesses())),
    brokenSandbox: /^(bwrap|namespaces|prlimit|setpriv): /m,
  };
}

const PROXY = { folder: "/run/cody", socket: "/run/cody/socket" };

const text = (value: string) => new TextEncoder().encode(value);

/** bubblewrap would make the folders above a mount for root alone. */
function foldersAbove(paths: readonly string[]): string[] {
  const above = new Set(
    paths.flatMap((path) => {
      const names = path.split("/").slice(1, -1);
      return names.map((_, i) => `/${names.slice(0, i + 1).join("/")}`);
    }),
  );
  return [...above].filter((path) => !isSystem(path)).flatMap((path) => ["--perms", "0755", "--dir", path]);
}

/** Those that a user of its own can read: mounts lead past the folders above. */
export const openAsMounts = (toolchains: Toolchains) =>
  onlyOpen(toolchains, (path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o004) !== 0);
