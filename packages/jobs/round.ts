import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";
import { CapUsd, type Job, type JobOptions, Prompt, Timestamp } from "./job.ts";

export const RoundKind = z.enum(["first", "retry", "refine", "raise-cap", "publish", "close"]);
export type RoundKind = z.infer<typeof RoundKind>;

/** Row `JOB#id / ROUND#0001`: one pass over some repositories. Put-if-absent; `dispatch` starts its execution. */
export const Round = z.object({
  jobId: JobId,
  round: z.number().int().positive(),
  kind: RoundKind,
  repositories: z.array(RepositoryName).min(1),
  /** Refine: the follow-up prompt. */
  prompt: Prompt.optional(),
  /** Raise cap: the job's new cap in US dollars. */
  capUsd: CapUsd.optional(),
  /** The Slack message that asked for it, by its ts: a delivery that comes twice asks once. */
  source: z.string().optional(),
  requestedBy: z.string(),
  requestedAt: Timestamp,
  executionArn: z.string().optional(),
  startedAt: Timestamp.optional(),
  finishedAt: Timestamp.optional(),
});
export type Round = z.infer<typeof Round>;

export const firstRound = (job: Job): Round => ({
  jobId: job.jobId,
  round: 1,
  kind: "first",
  repositories: job.repositories,
  requestedBy: job.userId,
  requestedAt: job.createdAt,
});

/** Asked for at submit, or by the latest round that raised it. */
export const capOf = (
  job: { options: Pick<JobOptions, "capUsd"> },
  rounds: readonly Pick<Round, "round" | "capUsd">[],
) => rounds.toSorted((a, b) => a.round - b.round).reduce((cap, round) => round.capUsd ?? cap, job.options.capUsd);
