import type { Card } from "./card.ts";
import type { Job } from "./job.ts";
import { costOfRun, type RepoRun } from "./repo-run.ts";
import { capOf, type Round } from "./round.ts";

/** Every row of one job, as one query returns them. Runs stand in the order in which the job names them. */
export type JobRecord = { job: Job; rounds: Round[]; runs: RepoRun[]; card?: Card };

/** US dollars over all repositories and rounds; lost answers by estimate, a run without a known price as nothing. */
export const spendOf = (record: Pick<JobRecord, "runs">) => record.runs.reduce((sum, run) => sum + costOfRun(run), 0);

export const dollarsLeft = (record: JobRecord) => Math.max(0, capOf(record.job, record.rounds) - spendOf(record));
