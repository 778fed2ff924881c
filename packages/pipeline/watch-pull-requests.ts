import { isDeepStrictEqual } from "node:util";
import { fixByItself } from "../jobs/fix-by-itself.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { type PullRequestLook, type PullRequestStatus, statusAfter } from "../jobs/pull-request-status.ts";
import type { Round } from "../jobs/round.ts";
import { nextLookAt } from "./look-rhythm.ts";

/** A pull request that is due, as its row has it. */
type DueWatch = {
  jobId: string;
  repository: string;
  number: number;
  nodeId: string;
  seen?: PullRequestStatus | undefined;
  /** What people wrote is known up to this state of it. */
  commentsUpTo?: string | undefined;
  movedAt: string;
  version: string;
};

/** Takes a call out of the budget of this hour: to see how pull requests stand, or what people wrote. */
type MayCall = (what: "look" | "comments") => Promise<boolean>;

type Read = {
  looks: ReadonlyMap<string, PullRequestLook>;
  stopped?: { why: "calls" } | { why: "github"; said: string; forMs?: number };
};

export type WatchDeps = {
  /** In pages, the most overdue first. */
  dueWatches(): AsyncIterable<DueWatch[]>;
  read(asked: readonly DueWatch[], mayCall: MayCall): Promise<Read>;
  mayCall: MayCall;
  /** This pass asks for nothing more. */
  isOver(): boolean;
  /** GitHub asks to wait: no calls in this time. */
  holdCalls(forMs: number): Promise<void>;
  keepPullRequestStatus(watch: DueWatch, status: PullRequestStatus): Promise<"kept" | "left">;
  /** What the texts of the others of its job say of it is old. */
  markSections(jobId: string): Promise<void>;
  keepLook(
    watch: DueWatch,
    look: {
      seen: PullRequestStatus | undefined;
      commentsUpTo: string | undefined;
      movedAt: string;
      nextAt: string | undefined;
    },
  ): Promise<void>;
  readJob(jobId: string): Promise<JobRecord | undefined>;
  insertRound(round: Round): Promise<"created" | "exists">;
  now(): Date;
};

export type WatchResult = { looked: number; changed: number; stopped?: Read["stopped"] | { why: "time" } };

/**
 * Every minute: asks GitHub about the pull requests whose look is due, and writes what has changed on their runs' rows.
 * It ends when no call or no time is left, or GitHub does not answer: what was not looked at stays due.
 */
export async function watchPullRequests(deps: WatchDeps): Promise<WatchResult> {
  const result: WatchResult = { looked: 0, changed: 0 };
  for await (const due of deps.dueWatches()) {
    const { looks, stopped } = await deps.read(due, deps.mayCall);
    const kept = await Promise.all(
      due.map(async (watch) => {
        const look = looks.get(watch.nodeId);
        return look && keep(deps, watch, look);
      }),
    );
    result.looked += kept.filter((one) => one !== undefined).length;
    result.changed += kept.filter((one) => one === "changed").length;
    if (stopped?.why === "github" && stopped.forMs !== undefined) await deps.holdCalls(stopped.forMs);
    if (stopped) return { ...result, stopped: stopped.why === "calls" && deps.isOver() ? { why: "time" } : stopped };
  }
  return result;
}

/** The run's row comes first: a crash between the two writes the same once more, and shows it no second time. */
async function keep(deps: WatchDeps, watch: DueWatch, look: PullRequestLook): Promise<"changed" | "same"> {
  const seen = statusAfter(watch.seen, look);
  const now = deps.now();
  const isNew = seen !== undefined && !isDeepStrictEqual(seen, watch.seen);
  const written = isNew ? await deps.keepPullRequestStatus(watch, seen) : undefined;
  if (written === "kept" && isOtherwise(watch.seen, seen!)) await deps.markSections(watch.jobId);
  const movedAt = isNew ? now.toISOString() : watch.movedAt;
  const comments = look.kind === "seen" ? look.comments : undefined;
  const next =
    written === "left" ? undefined : nextLookAt(seen, Date.parse(movedAt), now.getTime(), comments === "later");
  const commentsUpTo = comments === undefined || comments === "later" ? watch.commentsUpTo : comments.upTo;
  await deps.keepLook(watch, {
    seen,
    commentsUpTo,
    movedAt,
    nextAt: next === undefined ? undefined : new Date(next).toISOString(),
  });
  // At each look as long as they fail: what came between is made up for at the next one.
  if (written !== "left" && seen?.state === "open" && seen.checks === "failed" && !seen.checksRunning)
    await askByOption(deps, watch);
  return written === "kept" ? "changed" : "same";
}

/** Where the job's option wants it, a round on the failing checks: a row like any other's, which `dispatch` starts. */
async function askByOption({ readJob, insertRound, now }: WatchDeps, { jobId, repository }: DueWatch): Promise<void> {
  const record = await readJob(jobId);
  const round = record && fixByItself(record, repository, now().toISOString());
  // "exists": another round has taken the number, and may be the one that is wanted.
  if (round) await insertRound(round);
}

/** As the text of another pull request would say it. */
const isOtherwise = (before: PullRequestStatus | undefined, now: PullRequestStatus) =>
  before?.state !== now.state || before.draft !== now.draft || before.isPrivate !== now.isPrivate;
