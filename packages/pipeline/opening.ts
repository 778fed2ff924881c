import type { Step } from "../jobs/execution.ts";
import { cancelOf, type Job } from "../jobs/job.ts";
import type { LeftBehind, PullRequest } from "../jobs/pull-request.ts";
import type { PullRequestState } from "../jobs/pull-request-status.ts";
import { because, hasCode, leftOpen, type Reason } from "../jobs/reasons.ts";
import { cancelledRest, type RepoRun, workedMs } from "../jobs/repo-run.ts";
import { ROUNDS, type Round } from "../jobs/round.ts";
import { totalsSoFar } from "../jobs/run-costs.ts";
import { followedStatusOf, needsPullRequest, owedReplies } from "../jobs/run-pull-request.ts";
import { isAtRest } from "../jobs/states.ts";
import { NO_USAGE, type Totals } from "../jobs/usage.ts";

/** What GitHub says about a repository before any model spend. */
export type Inspection =
  | {
      ok: true;
      baseBranch: string;
      baseCommit: string;
      /** The state of each that was asked about, by number; one that is gone counts as closed. */
      pullRequests?: Record<number, PullRequestState>;
      ciPermission?: "granted" | "unknown";
      isPrivate?: true;
    }
  | { ok: false; reason: Reason };

/** The run that a round starts from: the row as the round before left it, if there was one. */
export type Opening = { job: Job; round: Round; repository: string; previous?: RepoRun | undefined; at: string };

/**
 * Whether the round publishes what the run already holds: an approval, or a retry of what failed while publishing
 * (a complete patch fails nowhere else, and under review it came that far only by approval). Closing a pull request
 * is Publish's work as well.
 */
export function publishesAtOnce({ round, previous }: Opening): boolean {
  if (round.kind === "close") return previous !== undefined;
  if (!previous || !needsPullRequest(previous)) return false;
  return round.kind === "publish" || (round.kind === "retry" && previous.state === "failed");
}

/**
 * Decided before GitHub is asked: a run that publishes needs no look, unless GitHub refused its pull request, and a
 * cancelled one none either.
 */
export const needsInspection = (opening: Opening) =>
  ROUNDS[opening.round.kind].asksModel && (!publishesAtOnce(opening) || wasRefused(opening)) && !isCancelled(opening);

/** The base branch may be gone, for one. */
const wasRefused = ({ previous }: Opening) => hasCode(previous?.reason, "pull-request-refused");

/** The row with which the run enters the round. Without an inspection it publishes, or it was cancelled. */
export function openedRun(opening: Opening, inspection?: Inspection): RepoRun {
  const { previous } = opening;
  const run = publishesAtOnce(opening) ? { ...blankRun(opening), ...resultOf(previous!, opening) } : blankRun(opening);
  if (previous && looksAfter(opening)) {
    const reason = whyLeft(opening, inspection);
    if (reason) return asItWas(opening, previous, reason);
  }
  if (isCancelled(opening)) return { ...run, ...cancelledRest(run), endedAt: opening.at };
  // An approval never spends on the model.
  if (opening.round.kind === "publish" && !publishesAtOnce(opening))
    return { ...run, state: "failed", reason: because("nothing-to-publish"), endedAt: opening.at };
  if (!inspection) return run;
  if (!inspection.ok) return { ...run, state: "failed", reason: inspection.reason, endedAt: opening.at };
  const { baseBranch, baseCommit, ciPermission, isPrivate } = inspection;
  // A repository may have become public since the last look: what this one says counts.
  const allowed = { ...run, ...(ciPermission && { ciPermission }), isPrivate: isPrivate ?? false };
  if (publishesAtOnce(opening)) return { ...allowed, baseBranch };
  const left = leftBehindBy(opening, inspection);
  if (left) {
    const { pullRequest: _, patch, ...anew } = { ...allowed, leftBehind: [...(previous?.leftBehind ?? []), left] };
    // After a merge the patch stands in the base; a closed one is gone on with where it was, in a new pull request.
    if (left.state === "merged") return { ...anew, baseBranch, baseCommit };
    const kept = { ...anew, ...(patch && { patch }) };
    return ROUNDS[opening.round.kind].beginsAnew ? { ...kept, baseBranch, baseCommit } : kept;
  }
  return keepsBase(opening) ? allowed : { ...allowed, baseBranch, baseCommit };
}

/** Why a round about an open pull request has nothing to do, as far as it is known without a look at that. */
function whyLeft(opening: Opening, inspection: Inspection | undefined): Reason | undefined {
  if (isCancelled(opening)) return leftOpen(because("cancelled", "nothing"));
  if (!inspection) return undefined;
  if (!inspection.ok) return leftOpen(inspection.reason);
  const left = leftBehindBy(opening, inspection);
  return left && because("pull-request-closed", left.pullRequest.number, left.state);
}

/** The row as the round before left it, in the round that came to nothing. */
const asItWas = ({ round, at }: Opening, previous: RepoRun, reason: Reason): RepoRun => ({
  ...previous,
  round: round.round,
  attempt: 0,
  looksAfter: true,
  reason,
  nothingMore: undefined,
  updatedAt: at,
  endedAt: at,
});

/** The run's pull request, when it is not open any more. */
function leftBehindBy({ round, previous }: Opening, { pullRequests = {} }: Inspection & { ok: true }) {
  const pullRequest = previous?.pullRequest;
  const state = pullRequest && pullRequests[pullRequest.number];
  const status = previous && followedStatusOf(previous);
  return state === "merged" || state === "closed"
    ? ({ round: round.round, state, pullRequest, ...(status && { status: { ...status, state } }) } as LeftBehind)
    : undefined;
}

/** What the machine has to do for a run as its row stands; also right when the same round is planned again. */
export function stepOf(run: RepoRun): Step {
  if (isAtRest(run.state)) return "end";
  return run.state === "publishing" || (run.state === "queued" && run.ending !== undefined) ? "publish" : "work";
}

const isCancelled = ({ job, round, repository }: Opening) => cancelOf(job, repository, round.round) !== undefined;

/** A branch and a conversation grow on one base; only a fresh try without a pull request takes the newest one. */
const keepsBase = ({ round, previous }: Opening) =>
  previous?.baseCommit !== undefined && (previous.pullRequest !== undefined || !ROUNDS[round.kind].beginsAnew);

/**
 * It is about a pull request that is open. So is a raised limit after a round about one in which the model was never
 * asked: what GitHub said then is in no conversation.
 */
const looksAfter = ({ round, previous }: Pick<Opening, "round" | "previous">) =>
  ROUNDS[round.kind].looksAfter === true ||
  (round.kind === "raise-cap" && previous?.looksAfter === true && previous.turns === previous.before.turns);

function blankRun({ job, round, repository, previous, at }: Opening): RepoRun {
  const isAbout = looksAfter({ round, previous });
  const totals: Totals = previous ? totalsSoFar(previous) : { turns: 0, usage: NO_USAGE, spendUsd: 0 };
  const worked = previous ? workedMs(previous) : 0;
  return {
    jobId: job.jobId,
    repository,
    teamId: job.teamId,
    userId: job.userId,
    state: "queued",
    round: round.round,
    attempt: 0,
    scripted: previous?.scripted ?? false,
    ...totals,
    before: totals,
    ...(previous?.baseBranch !== undefined && { baseBranch: previous.baseBranch }),
    ...(previous?.baseCommit !== undefined && { baseCommit: previous.baseCommit }),
    ...(previous?.settings && { settings: previous.settings }),
    ...(previous?.baseline && { baseline: previous.baseline }),
    ...(previous?.patch && { patch: previous.patch }),
    ...(previous?.pullRequest && { pullRequest: withTree(previous, previous.pullRequest) }),
    ...(previous?.isPrivate !== undefined && { isPrivate: previous.isPrivate }),
    ...(previous?.notAsked && { notAsked: previous.notAsked }),
    ...(previous?.leftBehind && { leftBehind: previous.leftBehind }),
    ...(isAbout && { looksAfter: true, ...keptFor(round, previous) }),
    ...(round.kind === "raise-cap" && previous && !isAbout && stillAnswering(previous, round)),
    ...(worked > 0 && { workedMs: worked }),
    createdAt: previous?.createdAt ?? at,
    updatedAt: at,
  };
}

/** It goes on in a conversation that owes replies: those that its draft was published with are posted. */
function stillAnswering(previous: RepoRun, { round }: Round): Pick<RepoRun, "answering"> {
  const said = previous.state === "published" ? owedReplies(previous).map(({ thread }) => thread) : [];
  const threads = previous.answering?.threads.filter((thread) => !said.includes(thread)) ?? [];
  return threads.length > 0 ? { answering: { ...previous.answering, round, threads } } : {};
}

/** What stays true if the round comes to nothing; and what the last fix was given, if that is what was done last. */
function keptFor({ kind }: Round, previous: RepoRun | undefined): Partial<RepoRun> {
  if (!previous) return {};
  const { verdict, verification, runsByItself, runsByItselfCount, fixing, fixedBefore, ending } = previous;
  const worked = ending === "changed" || ending === "unchanged" ? fixing : undefined;
  const given = kind === "answer-review" ? undefined : (worked ?? fixedBefore);
  return {
    ...(verdict && { verdict }),
    ...(verification && { verification }),
    ...(runsByItself && { runsByItself }),
    ...(runsByItselfCount && { runsByItselfCount }),
    ...(given && { fixedBefore: given }),
  };
}

/** A row of an earlier release says by its patch what it has published. */
const withTree = ({ state, patch }: RepoRun, pullRequest: PullRequest): PullRequest =>
  state === "published" && patch ? { treeId: patch.treeId, ...pullRequest } : pullRequest;

/** An approval keeps why a limit stopped what it publishes: the limit can still be raised. */
const resultOf = (run: RepoRun, { round }: Opening) => ({
  ...(run.ending && { ending: run.ending }),
  ...(run.verdict && { verdict: run.verdict }),
  ...(run.patch && { patch: run.patch }),
  ...(run.verification && { verification: run.verification }),
  // Who closes a pull request owes no replies.
  ...(round.kind !== "close" && run.answering && { answering: run.answering }),
  ...(run.runsByItself && { runsByItself: run.runsByItself }),
  ...(run.runsByItselfCount && { runsByItselfCount: run.runsByItselfCount }),
  ...(round.kind === "publish" && run.ending === "partial" && run.reason && { reason: run.reason }),
});
