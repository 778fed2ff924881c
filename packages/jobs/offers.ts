import { UserError } from "./errors.ts";
import { cancelOf } from "./job.ts";
import type { JobRecord } from "./job-record.ts";
import { isStale } from "./repo-run.ts";
import type { Round, RoundKind } from "./round.ts";
import type { RepoRunState } from "./states.ts";

export type RoundWish = {
  kind: Exclude<RoundKind, "first">;
  /** Absent: every repository of the job that the kind applies to. */
  repositories?: string[];
  prompt?: string;
  capUsd?: number;
  source?: string;
  by: string;
  at: string;
};

const FROM: Record<RoundWish["kind"], { states: readonly RepoRunState[]; nothing: string }> = {
  retry: { states: ["failed", "cancelled"], nothing: "Nothing to retry: no repository of this job has failed." },
  publish: { states: ["awaiting-approval"], nothing: "Nothing to approve: no repository of this job is waiting." },
  refine: {
    states: ["published", "unchanged", "patch-ready", "awaiting-approval", "failed"],
    nothing: "Nothing to refine yet: send that again when a repository of this job has ended.",
  },
  close: { states: ["unchanged"], nothing: "No pull request of this job is left to close." },
  "raise-cap": { states: ["patch-ready", "failed"], nothing: "No repository of this job was stopped by the cap." },
};

/**
 * The next round row for a wish. A repository is in at most one active round, so those that are still running or
 * already asked for are left out: pressing a button twice asks for nothing the second time.
 */
export function nextRound({ job, rounds, runs }: JobRecord, wish: RoundWish): Round {
  const active = new Set(rounds.filter((round) => !round.finishedAt).flatMap((round) => round.repositories));
  const wanted = runs.filter(
    (run) =>
      FROM[wish.kind].states.includes(run.state) &&
      !active.has(run.repository) &&
      (wish.kind !== "retry" || run.reason?.code !== "rejected") &&
      (wish.kind !== "publish" || !cancelOf(job, run.repository, run.round)) &&
      (wish.kind !== "close" || isStale(run)) &&
      (wish.kind !== "raise-cap" || run.reason?.code === "budget") &&
      (!wish.repositories || wish.repositories.includes(run.repository)),
  );
  if (wanted.length === 0) throw new UserError(FROM[wish.kind].nothing);
  return {
    jobId: job.jobId,
    round: Math.max(...rounds.map((round) => round.round)) + 1,
    kind: wish.kind,
    repositories: wanted.map((run) => run.repository),
    ...(wish.prompt !== undefined && { prompt: wish.prompt }),
    ...(wish.capUsd !== undefined && { capUsd: wish.capUsd }),
    ...(wish.source !== undefined && { source: wish.source }),
    requestedBy: wish.by,
    requestedAt: wish.at,
  };
}

/** What a cancel covers now: every round that has been asked for. */
export const latestRound = (rounds: readonly Round[]) => Math.max(1, ...rounds.map((round) => round.round));
