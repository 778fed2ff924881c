import { type CheckWeight, weightOf } from "../jobs/baseline.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import type { FoundToolchain } from "../jobs/missing-toolchains.ts";
import type { CommandResult, Outcome } from "../jobs/outcome.ts";
import { baselineOf, type RepoRun } from "../jobs/repo-run.ts";
import type { ResolvedSettings } from "../jobs/repository-settings.ts";
import type { Lease } from "../store/runs.ts";
import type { jobCommands, SetUp } from "./commands.ts";
import { setupStop } from "./setup-stop.ts";
import { toolchainStop } from "./toolchain-stop.ts";

/** `check`: runs it on the tree as it is; absent where there is none, or where it would say nothing. */
type Prepared = {
  setup: SetUp | undefined;
  baseline: CommandResult | undefined;
  weight: CheckWeight;
  check: (() => Promise<CommandResult>) | undefined;
};

/**
 * What runs before the agent does: the setup, and in the beginning the check once on the base commit. `stop`: the round
 * ends there, before anything is spent.
 */
export async function beforeAgent(
  { lease, run, record }: { lease: Lease; run: RepoRun; record: JobRecord },
  commands: ReturnType<typeof jobCommands>,
  place: { settings: ResolvedSettings; tools: readonly FoundToolchain[]; hasSandbox: boolean; isBeginning: boolean },
): Promise<Prepared | { stop: Pick<Outcome, "ending" | "reason" | "setup"> }> {
  const { settings, tools, hasSandbox, isBeginning } = place;
  const mayStop = isBeginning && hasSandbox;
  const lacks = mayStop ? toolchainStop(settings.toolchains?.value ?? [], tools) : undefined;
  if (lacks) return { stop: lacks };
  const setUp = settings.setup?.value;
  const setup = setUp === undefined ? undefined : await commands.setUp(setUp);
  const stop = mayStop ? setupStop(record, lease, settings, setup?.result) : undefined;
  if (stop) return { stop };
  const command = hasSandbox ? settings.check?.value : undefined;
  const baseline =
    baselineOf(run, settings.check?.value) ??
    (command !== undefined && isBeginning ? await commands.baseline(run.baseCommit!, command) : undefined);
  const weight = weightOf(settings.check, baseline);
  const check = command !== undefined && weight !== "nothing" ? () => commands.check(command) : undefined;
  return { setup, baseline, weight, check };
}
