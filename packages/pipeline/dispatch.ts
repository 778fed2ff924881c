import type { RoundRef, RunRef } from "../jobs/execution.ts";
import { cancelOf } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { whenToBegin } from "../jobs/offers.ts";
import { cancelledRest, type RepoRun } from "../jobs/repo-run.ts";
import { firstRound, type Round } from "../jobs/round.ts";
import type { RepoRunState } from "../jobs/states.ts";
import type { Rest } from "./decide.ts";
import type { RowChange } from "./stream.ts";

export type DispatchDeps = {
  readJob(jobId: string): Promise<JobRecord | undefined>;
  insertRound(round: Round): Promise<"created" | "exists">;
  markFirstRoundRequested(jobId: string): Promise<void>;
  markRoundFinished(ref: RoundRef): Promise<void>;
  markRoundStarted(ref: RoundRef, executionArn: string): Promise<void>;
  moveRun(ref: RunRef, from: RepoRunState[], changes: Rest): Promise<RepoRun | undefined>;
  /** Resolves to the execution's ARN; one that exists already is a success. */
  startExecution(ref: RoundRef): Promise<string>;
};

/**
 * Rows that ask for something: a job for its first round, a round for its execution, a cancel for the runs that wait.
 * It acts on the rows as they are now, not as the record shows them, so late and repeated deliveries are harmless.
 */
export async function dispatch(deps: DispatchDeps, change: RowChange): Promise<void> {
  if (change.row === "job") {
    if (change.inserted) await requestFirstRound(deps, change.jobId);
    else await cancelWaiting(deps, change.jobId);
  }
  if (change.row === "round" && change.inserted) await startRound(deps, change);
  else if (change.row === "round") await startQueued(deps, change.jobId);
}

/** Starts the round at once as well: the round's own record in the stream then finds it started. */
export async function requestFirstRound(deps: DispatchDeps, jobId: string): Promise<void> {
  const record = await deps.readJob(jobId);
  if (!record) throw new Error(`There is no job ${jobId}.`);
  const known = record.rounds.find(({ round }) => round === 1);
  const first = known ?? firstRound(record.job);
  if (known || (await deps.insertRound(first)) === "created") await startIfNew(deps, record, first);
  // Another delivery was faster, and may have started it.
  else await startRound(deps, first);
  await deps.markFirstRoundRequested(jobId);
}

export async function startRound(deps: DispatchDeps, { jobId, round }: RoundRef): Promise<void> {
  const record = await deps.readJob(jobId);
  const row = record?.rounds.find((one) => one.round === round);
  if (!record || !row) throw new Error(`There is no round ${round} of job ${jobId}.`);
  await startIfNew(deps, record, row);
}

/** A round has ended, or begun: what waits for its repositories may have its turn. The sweeper looks too. */
async function startQueued(deps: DispatchDeps, jobId: string): Promise<void> {
  const record = await deps.readJob(jobId);
  if (!record) return;
  for (const round of record.rounds) if (round.queued) await startIfNew(deps, record, round);
}

async function startIfNew(deps: DispatchDeps, record: JobRecord, row: Round): Promise<void> {
  const { jobId, round, queued, startedAt, finishedAt } = row;
  if (startedAt || finishedAt) return;
  const begins = queued ? whenToBegin(record, row) : "now";
  if (begins === "wait") return;
  if (begins === "never") return deps.markRoundFinished({ jobId, round });
  await deps.markRoundStarted({ jobId, round }, await deps.startExecution({ jobId, round }));
}

/** A run that waits for a person has no runner that would read the request to stop. */
export async function cancelWaiting(deps: DispatchDeps, jobId: string): Promise<void> {
  const record = await deps.readJob(jobId);
  if (!record) return;
  const waiting = record.runs.filter(
    (run) => run.state === "awaiting-approval" && cancelOf(record.job, run.repository, run.round),
  );
  for (const run of waiting)
    await deps.moveRun(
      { jobId, round: run.round, repository: run.repository },
      ["awaiting-approval"],
      cancelledRest(run),
    );
}
