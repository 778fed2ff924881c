import { SYSTEM_PATH } from "./inside.ts";
import { descendantsOf, listProcesses, memoryOf, sendTo } from "./processes.ts";
import type { TierBuild } from "./tier.ts";

/** No walls: a clean environment, a process group, limits of time and output. For machines whose owner asked for it. */
export const unsafe = (tier: "unsafe" | "off", toolchains: readonly string[]): TierBuild => ({
  tier,
  places: ({ tree, gitDir, home, tmp }) => ({ tree, gitDir, home, tmp }),
  enter: (folders, inside) => ({
    file: inside.argv[0] ?? "",
    args: inside.joined ? ["-c", 'exec "$@" 2>&1', "sh", ...inside.argv] : inside.argv.slice(1),
    cwd: folders.tree,
    env: { ...inside.env, PATH: [SYSTEM_PATH, "/opt/homebrew/bin", ...toolchains].join(":") },
    ...(inside.joined && { file: "/bin/sh" }),
  }),
  endAll: (pid) => sendTo(-pid, "SIGKILL"),
  ...(process.platform === "linux" && { memoryOf: (pid: number) => memoryOf(descendantsOf(pid, listProcesses())) }),
});
