import { z } from "zod";
import { Attachment, MAX_ATTACHMENTS } from "./attachment.ts";
import { JobId, RepositoryName } from "./ids.ts";
import { CostLimitUsd, type Job, type JobOptions, MAX_COST_LIMIT_USD, Prompt, Timestamp } from "./job.ts";
import { MAX_NAME, MAX_NAMED } from "./pull-request-status.ts";
import type { RepoRunState } from "./states.ts";

export const RoundKind = z.enum([
  "first",
  "retry",
  "refine",
  "fix-checks",
  "answer-review",
  "raise-cap",
  "despite-setup",
  "publish",
  "close",
]);
export type RoundKind = z.infer<typeof RoundKind>;

type RoundFacts = {
  /** On the card, behind the repositories: "2 repositories refined". */
  did: string;
  /** In the timeline, behind the person. */
  asked: string;
  /** Work runs and there is a conversation. false: Publish alone, which needs no look at GitHub beforehand. */
  asksModel: boolean;
  /** The conversation begins anew, and without a pull request the base too. false: goes on with what was there. */
  beginsAnew: boolean;
  /**
   * It is about a pull request that is open: Work asks GitHub first, and whatever ends it before a change is made leaves
   * the run as it was, with the reason.
   */
  looksAfter?: true;
  /** States of a run from which it may begin. */
  from: readonly RepoRunState[];
  /** Said when no repository of the job takes it. */
  nothing: string;
};

export const ROUNDS: Record<RoundKind, RoundFacts> = {
  first: { did: "first try", asked: "asked for the job", asksModel: true, beginsAnew: true, from: [], nothing: "" },
  retry: {
    did: "run again",
    asked: "asked to run again",
    asksModel: true,
    beginsAnew: true,
    from: ["failed", "blocked", "cancelled"],
    nothing:
      "Nothing to retry now: no repository of this job has failed, one still runs, or the cost limit has to be raised first.",
  },
  refine: {
    did: "refined",
    asked: "asked to refine",
    asksModel: true,
    beginsAnew: false,
    from: ["published", "unchanged", "patch-ready", "awaiting-approval", "blocked", "failed"],
    nothing: "Nothing to refine: each of these repositories was cancelled or rejected, or is being cancelled.",
  },
  "fix-checks": {
    did: "failing checks taken up",
    asked: "asked to fix failing checks",
    asksModel: true,
    beginsAnew: false,
    looksAfter: true,
    from: ["published"],
    nothing:
      "No failing check to fix now: look at the card again. Cody waits while checks run, and leaves a branch alone that has commits of others.",
  },
  "answer-review": {
    did: "review comments taken up",
    asked: "asked to answer the review",
    asksModel: true,
    beginsAnew: false,
    looksAfter: true,
    from: ["published"],
    nothing:
      "No review comment to answer now: look at the card again. Cody answers people who may write to the repository, and leaves a branch alone that has commits of others.",
  },
  "raise-cap": {
    did: "cost limit raised",
    asked: "raised the cost limit",
    asksModel: true,
    beginsAnew: false,
    from: ["published", "patch-ready", "awaiting-approval", "failed"],
    nothing: `Not now: the cost limit stopped no repository of this job, one still runs, or it is $${MAX_COST_LIMIT_USD} already.`,
  },
  "despite-setup": {
    did: "run without a good setup",
    asked: "asked to go on although setup fails",
    asksModel: true,
    beginsAnew: true,
    from: ["blocked"],
    nothing: "No repository of this job waits because its setup has failed.",
  },
  publish: {
    did: "approved",
    asked: "approved",
    asksModel: false,
    beginsAnew: false,
    from: ["awaiting-approval"],
    nothing: "Nothing to approve: no repository of this job is waiting.",
  },
  close: {
    did: "pull request closed",
    asked: "had the pull request closed",
    asksModel: false,
    beginsAnew: false,
    from: ["unchanged"],
    nothing: "No pull request of this job is left to close.",
  },
};

/** Row `JOB#id / ROUND#0001`: one pass over some repositories. Put-if-absent; `dispatch` starts its execution. */
export const Round = z.object({
  jobId: JobId,
  round: z.number().int().positive(),
  kind: RoundKind,
  repositories: z.array(RepositoryName).min(1),
  /** Refine: the follow-up prompt. */
  prompt: Prompt.optional(),
  /** Refine: files that came with it, and why others of the reply are none of them: a sentence each. */
  attachments: z.array(Attachment).max(MAX_ATTACHMENTS).optional(),
  leftOut: z.array(z.string()).optional(),
  /** Fix checks: by repository, the commit and the first of the checks that failed when it was asked for. */
  checks: z
    .record(
      RepositoryName,
      z.object({ head: z.string().max(64), failed: z.array(z.string().max(MAX_NAME)).max(MAX_NAMED) }),
    )
    .optional(),
  /** Asked for by an option of the job; `requestedBy` is who chose it. */
  byItself: z.boolean().optional(),
  /** The job's new cost limit in US dollars. */
  capUsd: CostLimitUsd.optional(),
  /** Asked for while its repositories were busy: it begins when they are free, in the order of the numbers. */
  queued: z.literal(true).optional(),
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
export const costLimitOf = (
  job: { options: Pick<JobOptions, "capUsd"> },
  rounds: readonly Pick<Round, "round" | "capUsd">[],
) => rounds.toSorted((a, b) => a.round - b.round).reduce((limit, round) => round.capUsd ?? limit, job.options.capUsd);

/** What a round asks for beyond the job, as words of ours or of its person; undefined: nothing of its own. */
export function askedIn({ kind, prompt }: Pick<Round, "kind" | "prompt">): string | undefined {
  if (kind === "refine") return prompt;
  if (kind === "answer-review") return "Take up the comments of the review.";
  return kind === "fix-checks" ? "Fix the checks of the pull request that failed." : undefined;
}
