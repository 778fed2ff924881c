import type { AgentEnding, AgentRun } from "../../packages/agent/endings.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { Ending, Outcome, Reason } from "../../packages/jobs/outcome.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import type { Lease } from "../../packages/store/runs.ts";
import type { SettledPatch } from "./patch-of.ts";

type Facts = Lease & { startedAt: string };

export function outcomeOf(parts: {
  facts: Facts;
  run: RepoRun;
  ending: AgentEnding;
  agentRun: Omit<AgentRun, "ending">;
  patch: SettledPatch;
  turns: number;
  endedAt: Date;
}): Outcome {
  const { facts, ending, agentRun, patch, turns, endedAt } = parts;
  return {
    ...facts,
    ...conclusionOf(ending, patch),
    ...("verdict" in ending && ending.verdict && { verdict: ending.verdict }),
    ...("verification" in ending && ending.verification && { verification: ending.verification }),
    ...(patch.kind === "stored" && { patch: patch.facts }),
    ...(patch.kind === "stored" && patch.patchOnly && { patchOnly: patch.patchOnly }),
    model: agentRun.model,
    scripted: agentRun.scripted,
    turns,
    totals: agentRun.totals,
    endedAt: endedAt.toISOString(),
  };
}

/** A run that ended before its first turn. */
export function failedOutcome(
  facts: Facts,
  run: RepoRun,
  { job }: JobRecord,
  ending: Extract<Ending, "cancelled" | "failed">,
  endedAt: Date,
  reason?: Reason,
): Outcome {
  const { turns, usage, spendUsd } = run;
  return {
    ...facts,
    ending,
    ...(reason && { reason }),
    model: job.options.model,
    scripted: false,
    turns: 0,
    totals: { turns, usage, spendUsd },
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
      return patch.kind === "refused"
        ? { ending: "failed", reason: patch.reason }
        : { ending: "partial", reason: ending.reason };
    case "verdict":
      if (patch.kind === "refused") return { ending: "failed", reason: patch.reason };
      return { ending: patch.kind === "stored" && ending.verdict.wereChangesNecessary ? "changed" : "unchanged" };
  }
}
