import type { RoundRef, RunRef } from "../jobs/execution.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { owesOnlyReplies } from "../jobs/run-pull-request.ts";
import type { RepoRunState } from "../jobs/states.ts";
import { decideRun, type Rest, withoutReplies } from "./decide.ts";
import { reasonOfLost } from "./lost-task.ts";
import { openedRun } from "./opening.ts";

export type FinishDeps = {
  readJob(jobId: string): Promise<JobRecord | undefined>;
  openRun(run: RepoRun): Promise<RepoRun>;
  moveRun(ref: RunRef, from: RepoRunState[], changes: Rest): Promise<RepoRun | undefined>;
  markRoundFinished(ref: RoundRef): Promise<void>;
  /** The texts of its pull requests say that a run goes on. */
  markSections(jobId: string): Promise<void>;
  now(): Date;
};

/**
 * The Finish state, and the sweeper's answer to an execution that ended without it: afterwards every run of the round
 * is at rest and the round has an end. The round is marked last, so a repeat takes up what a crash left.
 */
export async function finish(deps: FinishDeps, ref: RoundRef): Promise<void> {
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const record = await deps.readJob(ref.jobId);
    const round = record?.rounds.find((one) => one.round === ref.round);
    if (!record || !round) throw new Error(`There is no round ${ref.round} of job ${ref.jobId}.`);
    const closed = await Promise.all(round.repositories.map((repository) => close(deps, record, ref, repository)));
    if (!closed.every(Boolean)) continue;
    if (record.job.repositories.length > 1 && record.runs.some(({ pullRequest }) => pullRequest))
      await deps.markSections(ref.jobId);
    return deps.markRoundFinished(ref);
  }
  throw new Error(`The runs of round ${ref.round} of job ${ref.jobId} moved under every look at them.`);
}

const MAX_LOOKS = 5;

/** Returns whether the run is at rest now; false when another process moved it meanwhile. */
async function close(deps: FinishDeps, { job, rounds, runs }: JobRecord, ref: RoundRef, repository: string) {
  const run = runs.find((one) => one.repository === repository);
  if (!run || run.round < ref.round) {
    const round = rounds.find((one) => one.round === ref.round)!;
    const opening = { job, round, repository, previous: run, at: deps.now().toISOString() };
    await deps.openRun(openedRun(opening, { ok: false, reason: reasonOfLost("work") }));
    return true;
  }
  if (run.round > ref.round) return true;
  const decision = decideRun(job, run);
  if (decision === "nothing") return true;
  const rest: Rest = decision === "publish" ? unpublished(run) : decision;
  return (await deps.moveRun({ ...ref, repository }, [run.state], { ...rest, activity: undefined })) !== undefined;
}

const unpublished = (run: RepoRun): Rest =>
  owesOnlyReplies(run) ? withoutReplies(run) : { state: "failed", reason: reasonOfLost("publish") };
