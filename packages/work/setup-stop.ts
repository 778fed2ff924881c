import type { JobRecord } from "../jobs/job-record.ts";
import { type CommandResult, commandEndWords, type Outcome } from "../jobs/outcome.ts";
import { because } from "../jobs/reasons.ts";
import type { ResolvedSettings } from "../jobs/repository-settings.ts";
import type { Lease } from "../store/runs.ts";

/**
 * Where setup fails and there is a check, the check would say nothing: a person is asked before anything is spent, and
 * the answer is another round. Once they have said so, it goes on in every later one. Pure.
 */
export function setupStop(
  { rounds }: JobRecord,
  { repository, round }: Pick<Lease, "repository" | "round">,
  settings: Pick<ResolvedSettings, "setup" | "check">,
  setup: CommandResult | undefined,
): Pick<Outcome, "ending" | "reason" | "setup"> | undefined {
  if (!setup || setup.exitCode === 0 || setup.notRun !== undefined || !settings.check) return undefined;
  // A setup that no person asked for never makes it worse than without one.
  if (settings.setup?.source === "suggested") return undefined;
  const goesOn = rounds.some(
    (one) => one.kind === "despite-setup" && one.round <= round && one.repositories.includes(repository),
  );
  if (goesOn) return undefined;
  return { ending: "blocked", reason: because("setup-failed", setup.command, commandEndWords(setup)), setup };
}
