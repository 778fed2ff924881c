import { UserError } from "./errors.ts";
import { cancelOf, MAX_COST_LIMIT_USD } from "./job.ts";
import type { JobRecord } from "./job-record.ts";
import { hasCode, remedyOf } from "./reasons.ts";
import type { RepoRun } from "./repo-run.ts";
import { costLimitOf, ROUNDS, type Round, type RoundKind } from "./round.ts";
import { followedStatusOf, hasFailingChecks, hasUnanswered, isStale } from "./run-pull-request.ts";
import { hasEnded, isAtRest } from "./states.ts";

type LaterKind = Exclude<RoundKind, "first">;

/** What a job lets a person do now: cards, details and reviews show it, and what is not offered is not accepted. */
export type Offers = {
  /** By the kind of round: the runs that it would take. Approving and rejecting are offered for the same ones. */
  rounds: Record<LaterKind, RepoRun[]>;
  /** Repositories that are busy, for which a follow-up is kept until they are free. */
  queue: string[];
  /** Repositories that run and are not cancelled, by their place in the job. */
  cancel: { repository: string; place: number }[];
  /** Runs whose patch can be downloaded. */
  patches: RepoRun[];
};

/** Pure. A repository is in at most one active round: what is asked for already is not offered again. */
export function offers(record: JobRecord): Offers {
  const { job, runs } = record;
  const cancel = job.repositories.flatMap((repository, place) => {
    const run = runs.find((one) => one.repository === repository);
    const isRunning = !(run && isAtRest(run.state)) && !cancelOf(job, repository, run?.round ?? 1);
    return isRunning ? [{ repository, place }] : [];
  });
  const may = (kind: LaterKind, also: (run: RepoRun) => boolean) =>
    runs.filter((run) => ROUNDS[kind].from.includes(run.state) && !isActive(record, run) && also(run));
  // One press for the whole job: offered when nothing of it runs any more.
  const whenAllRest = (found: RepoRun[]) => (cancel.length === 0 ? found : []);
  const stopped =
    costLimitOf(job, record.rounds) < MAX_COST_LIMIT_USD
      ? may("raise-cap", ({ reason }) => remedyOf(reason) === "raise-cap")
      : [];
  // With the same limit it would stop at once, in the same words.
  const again = may("retry", (run) => remedyOf(run.reason) !== "nothing" && !stopped.includes(run));
  const failed = again.filter(({ state }) => state !== "cancelled");
  return {
    rounds: {
      retry: whenAllRest(failed.length > 0 ? failed : again),
      refine: may("refine", () => true),
      "fix-checks": may("fix-checks", hasFailingChecks),
      "answer-review": may("answer-review", hasUnanswered),
      "raise-cap": whenAllRest(stopped),
      "despite-setup": whenAllRest(may("despite-setup", ({ reason }) => hasCode(reason, "setup-failed"))),
      publish: may("publish", (run) => !cancelOf(job, run.repository, run.round)),
      close: may("close", isStale),
    },
    queue: job.repositories.filter((repository) => {
      const run = runs.find((one) => one.repository === repository);
      return (!run || isActive(record, run)) && !cancelOf(job, repository, latestRound(record.rounds));
    }),
    cancel,
    patches: runs.filter(({ patch }) => patch !== undefined),
  };
}

/**
 * Its task runs, or a later round on it is asked for, `before` the round that is looked at. A run at rest in its own
 * round waits for no sibling.
 */
export const isActive = ({ rounds }: JobRecord, run: RepoRun, before = Number.POSITIVE_INFINITY) =>
  !isAtRest(run.state) ||
  rounds.some(
    ({ round, repositories, finishedAt }) =>
      round > run.round && round < before && !finishedAt && repositories.includes(run.repository),
  );

/** When a queued round may begin. "never": its repository was cancelled, by itself or with the round. */
export function whenToBegin(record: JobRecord, { round, kind, repositories }: Round): "now" | "wait" | "never" {
  const turns = repositories.map((repository) => {
    if (cancelOf(record.job, repository, round)) return "never";
    const run = record.runs.find((one) => one.repository === repository);
    if (!run || isActive(record, run, round)) return "wait";
    return ROUNDS[kind].from.includes(run.state) ? "now" : "never";
  });
  return turns.find((turn) => turn !== "now") ?? "now";
}

/** `what`: a repository, or `*` for the whole job. A round that was asked for and not begun is one that runs. */
export function hasStopped({ job, rounds, runs }: JobRecord, what: string): boolean {
  const names = what === "*" ? job.repositories : [what];
  const active = rounds.filter(({ finishedAt }) => !finishedAt).flatMap(({ repositories }) => repositories);
  return names.every((name) => {
    const run = runs.find(({ repository }) => repository === name);
    return run !== undefined && hasEnded(run.state) && !active.includes(name);
  });
}

export type RoundRequest = {
  kind: LaterKind;
  /** Absent: every repository of the job that the kind applies to. */
  repositories?: string[];
  prompt?: string;
  capUsd?: number;
  source?: string;
  by: string;
  at: string;
};

/**
 * The next round row for a request, on what is offered: pressing a button twice asks for nothing the second time. A
 * follow-up of which every repository is busy is queued for the first of them.
 */
export function nextRound(record: JobRecord, request: RoundRequest): Round {
  const offered = offers(record);
  const isWanted = (repository: string) => !request.repositories || request.repositories.includes(repository);
  const free = offered.rounds[request.kind].filter(({ repository }) => isWanted(repository));
  const busy = request.kind === "refine" && free.length === 0 ? offered.queue.filter(isWanted).slice(0, 1) : [];
  if (free.length + busy.length === 0) throw new UserError(ROUNDS[request.kind].nothing);
  return {
    jobId: record.job.jobId,
    // The first round has its number even where its row is still to come.
    round: latestRound(record.rounds) + 1,
    kind: request.kind,
    repositories: free.length > 0 ? free.map(({ repository }) => repository) : busy,
    ...(busy.length > 0 && { queued: true as const }),
    ...(request.prompt !== undefined && { prompt: request.prompt }),
    ...(request.kind === "fix-checks" && { checks: failingNow(free) }),
    ...(request.capUsd !== undefined && { capUsd: request.capUsd }),
    ...(request.source !== undefined && { source: request.source }),
    requestedBy: request.by,
    requestedAt: request.at,
  };
}

const failingNow = (runs: readonly RepoRun[]): NonNullable<Round["checks"]> =>
  Object.fromEntries(
    runs.map((run) => {
      const { head = "", failed = [] } = followedStatusOf(run) ?? {};
      return [run.repository, { head, failed }];
    }),
  );

/** What a cancel covers now: every round that has been asked for. The first one is, with the job. */
export const latestRound = (rounds: readonly Round[]) => Math.max(1, ...rounds.map((round) => round.round));
