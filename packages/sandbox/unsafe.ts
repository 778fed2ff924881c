import { openPortProxy } from "./command-proxy.ts";
import type { ModeBuild, Proxies } from "./mode.ts";
import { networkEnvironment } from "./network-environment.ts";
import { descendantsOf, endStartedWith, listProcesses, memoryOf, sendTo } from "./processes.ts";
import { inPlace } from "./toolchains/placed.ts";
import type { Toolchains } from "./toolchains/toolchains.ts";

const LINUX = process.platform === "linux";

/**
 * No sandbox: a clean environment, a process group, limits of time and output. For machines whose owner asked for it.
 * What leaves its group is known by its HOME, which no other process has; what changes that too is out of reach.
 * A command with network "registries" finds the same proxy as everywhere, though nothing keeps it from going around.
 */
export function unsafe(mode: "unsafe" | "off", toolchains: Toolchains, proxies?: Proxies): ModeBuild {
  const homes = new Set<string>();
  return {
    mode,
    toolchains: inPlace(toolchains),
    mounts: ({ tree, gitDir, home, tmp }) => ({ tree, gitDir, home, tmp }),
    enter(folders, command, proxy) {
      if (!command.withGitDir) homes.add(folders.home);
      return {
        file: command.argv[0] ?? "",
        args: command.joined ? ["-c", 'exec "$@" 2>&1', "sh", ...command.argv] : command.argv.slice(1),
        cwd: folders.tree,
        env: {
          ...command.env,
          ...(proxy?.folder && networkEnvironment(proxy.folder, proxy.port, proxy.files)),
        },
        ...(command.joined && { file: "/bin/sh" }),
      };
    },
    async around(folders, command, work) {
      if (command.network !== "registries" || !proxies) return work();
      await using proxy = await openPortProxy(proxies.registries, folders, LINUX ? process.getuid?.() : undefined);
      return await work(proxy);
    },
    async endAll(pid) {
      sendTo(-pid, "SIGKILL");
      if (LINUX && mode === "unsafe") for (const home of homes) await endStartedWith(`HOME=${home}`);
    },
    ...(LINUX && { memoryOf: (pid: number) => memoryOf(descendantsOf(pid, listProcesses())) }),
  };
}
