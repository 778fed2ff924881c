import type { RoundRef } from "../jobs/execution.ts";
import { APPROVAL_DAYS, cancelOf } from "../jobs/job.ts";
import { because } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import type { Round } from "../jobs/round.ts";
import { cancelWaiting, type DispatchDeps, requestFirstRound, startRound } from "./dispatch.ts";
import { type FinishDeps, finish } from "./finish.ts";

/** The sweeper's to-do list, from the table's sparse index: rows that still wait for something. */
type OpenItem =
  | { kind: "job"; job: { jobId: string } }
  | { kind: "round"; round: Round }
  | { kind: "approval"; run: RepoRun; since: string }
  | { kind: "unreadable"; row: string; error: unknown };

export type SweepDeps = DispatchDeps &
  FinishDeps & {
    openItems(): AsyncIterable<OpenItem>;
    executionStatus(ref: RoundRef): Promise<"running" | "ended" | "absent">;
    report(item: OpenItem, error: unknown): void;
  };

export type SweepResult = { looked: number; failed: number };

/**
 * Every five minutes, and at start on one machine: starts what should run and does not, closes what ended without a
 * word, and gives up waiting for a decision after a week. One item's failure does not keep the others waiting.
 */
export async function sweep(deps: SweepDeps): Promise<SweepResult> {
  const result = { looked: 0, failed: 0 };
  for await (const item of deps.openItems()) {
    result.looked += 1;
    try {
      await sweepItem(deps, item);
    } catch (error) {
      result.failed += 1;
      deps.report(item, error);
    }
  }
  return result;
}

async function sweepItem(deps: SweepDeps, item: OpenItem): Promise<void> {
  if (item.kind === "unreadable") throw new Error(`${item.row} cannot be read.`, { cause: item.error });
  if (item.kind === "job") return requestFirstRound(deps, item.job.jobId);
  if (item.kind === "approval") return sweepWaiting(deps, item);
  const ref = { jobId: item.round.jobId, round: item.round.round };
  if (!item.round.startedAt) return startRound(deps, ref);
  const status = await deps.executionStatus(ref);
  if (status === "ended") return finish(deps, ref);
  if (status === "absent") await deps.startExecution(ref);
}

async function sweepWaiting(deps: SweepDeps, { run, since }: { run: RepoRun; since: string }): Promise<void> {
  const record = await deps.readJob(run.jobId);
  if (!record) return;
  if (cancelOf(record.job, run.repository, run.round)) return cancelWaiting(deps, run.jobId);
  const decided = record.rounds.some((round) => !round.finishedAt && round.repositories.includes(run.repository));
  const waitedMs = deps.now().getTime() - Date.parse(since);
  if (decided || waitedMs < APPROVAL_DAYS * DAY_MS) return;
  await deps.moveRun({ jobId: run.jobId, round: run.round, repository: run.repository }, ["awaiting-approval"], {
    state: "patch-ready",
    reason: because("expired"),
  });
}

const DAY_MS = 24 * 60 * 60 * 1000;
