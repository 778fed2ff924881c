import { UserError } from "./errors.ts";
import { cancelOf, MAX_COST_LIMIT_USD } from "./job.ts";
import type { JobRecord } from "./job-record.ts";
import { hasCode, remedyOf } from "./reasons.ts";
import type { RepoRun } from "./repo-run.ts";
import { costLimitOf, ROUNDS, type Round, type RoundKind } from "./round.ts";
import { followedStatusOf, hasFailingChecks, isStale } from "./run-pull-request.ts";
import { hasEnded, isAtRest } from "./states.ts";

type LaterKind = Exclude<RoundKind, "first">;

/** What a job lets a person do now: cards, details and reviews show it, and what is not offered is not accepted. */
export type Offers = {
  /** By the kind of round: the runs that it would take. Approving and rejecting are offered for the same ones. */
  rounds: Record<LaterKind, RepoRun[]>;
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
      "raise-cap": whenAllRest(stopped),
      "despite-setup": whenAllRest(may("despite-setup", ({ reason }) => hasCode(reason, "setup-failed"))),
      publish: may("publish", (run) => !cancelOf(job, run.repository, run.round)),
      close: may("close", isStale),
    },
    cancel,
    patches: runs.filter(({ patch }) => patch !== undefined),
  };
}

/** Its task runs, or a later round on it is asked for. A run at rest in its own round waits for no sibling. */
const isActive = ({ rounds }: JobRecord, run: RepoRun) =>
  !isAtRest(run.state) ||
  rounds.some(
    ({ round, repositories, finishedAt }) => round > run.round && !finishedAt && repositories.includes(run.repository),
  );

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

/** The next round row for a request, on what is offered: pressing a button twice asks for nothing the second time. */
export function nextRound(record: JobRecord, request: RoundRequest): Round {
  const wanted = offers(record).rounds[request.kind].filter(
    ({ repository }) => !request.repositories || request.repositories.includes(repository),
  );
  if (wanted.length === 0) throw new UserError(ROUNDS[request.kind].nothing);
  return {
    jobId: record.job.jobId,
    round: Math.max(...record.rounds.map((round) => round.round)) + 1,
    kind: request.kind,
    repositories: wanted.map((run) => run.repository),
    ...(request.prompt !== undefined && { prompt: request.prompt }),
    ...(request.kind === "fix-checks" && { checks: failingNow(wanted) }),
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

/** What a cancel covers now: every round that has been asked for. */
export const latestRound = (rounds: readonly Round[]) => Math.max(1, ...rounds.map((round) => round.round));
