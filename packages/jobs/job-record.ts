import type { Card } from "./card.ts";
import type { Job } from "./job.ts";
import type { RepoRun } from "./repo-run.ts";
import { capOf, type Round } from "./round.ts";

/** Every row of one job, as one query returns them. Runs stand in the order in which the job names them. */
export type JobRecord = { job: Job; rounds: Round[]; runs: RepoRun[]; card?: Card };

/** US dollars over all repositories and rounds; a run without a known price counts as nothing. */
export const spendOf = (record: Pick<JobRecord, "runs">) =>
  record.runs.reduce((sum, run) => sum + (run.spendUsd ?? 0), 0);

export const dollarsLeft = (record: JobRecord) => Math.max(0, capOf(record.job, record.rounds) - spendOf(record));
