import type { CommandResult } from "../jobs/outcome.ts";
import type { Lease } from "../store/runs.ts";
import type { WorkDeps } from "./work-deps.ts";
import type { WorkTree } from "./work-tree.ts";

/** The setup command's result, and the tracked files that it changed and that were put back. */
export type SetUp = { result: CommandResult; putBack: string[] };

const BASELINE_MS = 5 * 60_000;

/** The job's own commands, around the agent: neither changes what is published, and the row says how each ended. */
export function jobCommands(
  lease: Lease,
  {
    tree,
    jobs,
    setupNetwork = "registries",
    signal,
    log,
    maxMs,
  }: Pick<WorkDeps, "jobs" | "log" | "setupNetwork"> & {
    tree: WorkTree;
    signal: AbortSignal;
    maxMs?: number | undefined;
  },
) {
  return {
    async setUp(command: string): Promise<SetUp> {
      await jobs.updateRun(lease, { activity: "running the setup command" });
      const setup = await tree.setUp(() => tree.command({ command, network: setupNetwork, signal, maxMs }));
      const { exitCode, durationMs } = setup.result;
      await jobs.updateRun(lease, { setup: setup.result });
      log("set up", { exitCode, durationMs, putBack: setup.putBack.length });
      return setup;
    },

    /** The check before any change, so that what failed before is known: no longer than `BASELINE_MS`. */
    async baseline(commit: string, command: string): Promise<CommandResult> {
      await jobs.updateRun(lease, { activity: "running the check before the change" });
      const result = await tree.checked(() =>
        tree.command({ command, signal, maxMs: Math.min(maxMs ?? BASELINE_MS, BASELINE_MS) }),
      );
      await jobs.updateRun(lease, { baseline: { commit, result } });
      log("checked before the change", { exitCode: result.exitCode, durationMs: result.durationMs });
      return result;
    },

    async check(command: string): Promise<CommandResult> {
      await jobs.updateRun(lease, { state: "verifying", activity: "running the check" });
      const verification = await tree.checked(() => tree.command({ command, signal, maxMs }));
      await jobs.updateRun(lease, { verification });
      return verification;
    },
  };
}
