import { SYSTEM_PATH } from "./environment.ts";
import type { ModeBuild } from "./mode.ts";
import { descendantsOf, listProcesses, memoryOf, sendTo } from "./processes.ts";

/** No sandbox: a clean environment, a process group, limits of time and output. For machines whose owner asked for it. */
export const unsafe = (mode: "unsafe" | "off", toolchains: readonly string[]): ModeBuild => ({
  mode,
  mounts: ({ tree, gitDir, home, tmp }) => ({ tree, gitDir, home, tmp }),
  enter: (folders, command) => ({
    file: command.argv[0] ?? "",
    args: command.joined ? ["-c", 'exec "$@" 2>&1', "sh", ...command.argv] : command.argv.slice(1),
    cwd: folders.tree,
    env: { ...command.env, PATH: [SYSTEM_PATH, "/opt/homebrew/bin", ...toolchains].join(":") },
    ...(command.joined && { file: "/bin/sh" }),
  }),
  endAll: (pid) => sendTo(-pid, "SIGKILL"),
  ...(process.platform === "linux" && { memoryOf: (pid: number) => memoryOf(descendantsOf(pid, listProcesses())) }),
});
