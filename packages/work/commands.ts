import type { CommandResult, RunningCommand } from "../jobs/outcome.ts";
import type { Lease, RunChanges } from "../store/runs.ts";
import { clip } from "../text/cut.ts";
import { followCommand } from "./follow-command.ts";
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
    redactor,
    clock,
  }: Pick<WorkDeps, "jobs" | "log" | "setupNetwork" | "redactor" | "clock"> & {
    tree: WorkTree;
    signal: AbortSignal;
    maxMs?: number | undefined;
  },
) {
  /** Said at once, and then every few seconds with what it has printed. */
  async function told<Result>(
    what: Pick<RunningCommand, "doing" | "command">,
    changes: RunChanges,
    run: (follow: (soFar: () => string) => void) => Promise<Result>,
  ): Promise<Result> {
    const command = clip(what.command, 300);
    const begun = { ...what, command, startedAt: clock.now().toISOString(), tail: "" };
    await jobs.updateRun(lease, { ...changes, activity: undefined, runningCommand: begun });
    return followCommand(lease, { jobs, redactor, clock }, begun, run);
  }

  return {
    async setUp(command: string): Promise<SetUp> {
      const setup = await told({ doing: "setup", command }, {}, (follow) =>
        tree.setUp(() => tree.command({ command, network: setupNetwork, signal, maxMs, follow })),
      );
      const { exitCode, durationMs } = setup.result;
      await jobs.updateRun(lease, { setup: setup.result, runningCommand: undefined });
      log("set up", { exitCode, durationMs, putBack: setup.putBack.length });
      return setup;
    },

    /** The check before any change, so that what failed before is known: no longer than `BASELINE_MS`. */
    async baseline(commit: string, command: string): Promise<CommandResult> {
      const result = await told({ doing: "baseline", command }, {}, (follow) =>
        tree.checked(() =>
          tree.command({ command, signal, maxMs: Math.min(maxMs ?? BASELINE_MS, BASELINE_MS), follow }),
        ),
      );
      await jobs.updateRun(lease, { baseline: { commit, result }, runningCommand: undefined });
      log("checked before the change", { exitCode: result.exitCode, durationMs: result.durationMs });
      return result;
    },

    async check(command: string): Promise<CommandResult> {
      const verification = await told({ doing: "check", command }, { state: "verifying" }, (follow) =>
        tree.checked(() => tree.command({ command, signal, maxMs, follow })),
      );
      await jobs.updateRun(lease, { verification, runningCommand: undefined });
      return verification;
    },
  };
}
