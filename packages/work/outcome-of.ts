import type { AgentEnding, AgentRun } from "../agent/endings.ts";
import type { Turn } from "../conversation/conversation.ts";
import { type CommandResult, type Ending, kindOfVerdict, type Outcome } from "../jobs/outcome.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { totalsSoFar } from "../jobs/run-costs.ts";
import { totalsAfter } from "../jobs/usage.ts";
import type { Lease } from "../store/runs.ts";
import type { SettledPatch } from "./patch-of.ts";

type Started = Lease & { startedAt: string };

export function outcomeOf(parts: {
  lease: Started;
  ending: AgentEnding;
  agentRun: Omit<AgentRun, "ending">;
  patch: SettledPatch;
  verification: CommandResult | undefined;
  setup?: CommandResult | undefined;
  turns: number;
  endedAt: Date;
}): Outcome {
  const { lease, ending, agentRun, patch, verification, setup, turns, endedAt } = parts;
  return {
    ...lease,
    ...conclusionOf(ending, patch),
    ...("verdict" in ending && ending.verdict && { verdict: ending.verdict }),
    ...(setup && { setup }),
    ...(verification && { verification }),
    ...(patch.kind === "stored" && { patch: patch.facts }),
    ...(patch.kind === "stored" && patch.patchOnly && { patchOnly: patch.patchOnly }),
    ...(patch.kind === "stored" && patch.runsByItself?.length && { runsByItself: patch.runsByItself }),
    ...(patch.kind === "stored" && patch.runsByItselfCount && { runsByItselfCount: patch.runsByItselfCount }),
    model: agentRun.model,
    scripted: agentRun.scripted,
    turns,
    totals: agentRun.totals,
    endedAt: endedAt.toISOString(),
  };
}

/** A run that ended before its agent could: what earlier rounds and attempts cost stays counted. */
export function outcomeWithoutAgent(
  lease: Started,
  run: RepoRun,
  turns: readonly Turn[],
  ending: Pick<Outcome, "ending" | "reason" | "setup">,
  endedAt: Date,
): Outcome {
  // A stored turn was not lost, though the row may not have heard of it.
  const asking = turns.some(({ turn }) => turn === run.asking?.turn) ? undefined : run.asking;
  return {
    ...lease,
    ...ending,
    model: "",
    scripted: run.scripted,
    turns: turns.length,
    totals: { ...totalsSoFar({ ...run, asking }), ...totalsAfter(run.before, turns) },
    endedAt: endedAt.toISOString(),
  };
}

/** Pure: what the loop's ending and the state of the tree mean together. */
export function conclusionOf(ending: AgentEnding, patch: SettledPatch): { ending: Ending; reason?: Reason } {
  switch (ending.kind) {
    case "cancelled":
      return { ending: "cancelled" };
    case "failed":
    case "refused":
      return { ending: "failed", reason: ending.reason };
    case "limit":
      if (ending.verdict?.blockedBy !== undefined) return blockedBy(ending.verdict.blockedBy);
      if (patch.kind === "refused") return { ending: "failed", reason: patch.reason };
      // The last turn's report is looked at like any other: it fits the tree.
      if (patch.kind === "none" && ending.verdict && kindOfVerdict(ending.verdict) === "not-needed")
        return { ending: "unchanged" };
      return { ending: "partial", reason: ending.reason };
    case "verdict":
      if (patch.kind === "refused") return { ending: "failed", reason: patch.reason };
      if (ending.verdict.blockedBy !== undefined) return blockedBy(ending.verdict.blockedBy);
      return { ending: patch.kind === "stored" && ending.verdict.wereChangesNecessary ? "changed" : "unchanged" };
  }
}

const blockedBy = (missing: string) => ({ ending: "blocked" as const, reason: because("blocked", missing) });
