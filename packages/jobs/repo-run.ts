import { z } from "zod";
import { GivenComments } from "./given-comments.ts";
import { JobId, RepositoryName } from "./ids.ts";
import { cancelOf, type Job, Timestamp } from "./job.ts";
import { CommandResult, Ending, MAX_BY_ITSELF, PatchFacts, RunningCommand, RunsByItself, Verdict } from "./outcome.ts";
import { LeftBehind, PullRequest } from "./pull-request.ts";
import { MAX_NAME, MAX_NAMED, PullRequestStatus } from "./pull-request-status.ts";
import { because, leftOpen, Reason } from "./reasons.ts";
import { ResolvedSettings } from "./repository-settings.ts";
import { RepoRunState } from "./states.ts";
import { Asking, Totals } from "./usage.ts";

/** Which checks failed on a commit; the digest tells whether they fail in the same way. */
const GivenChecks = z.object({
  head: z.string().max(64),
  failed: z.array(z.string().max(MAX_NAME)).max(MAX_NAMED),
  digest: z.string().max(64),
});

/** How many jobs for the same task a card names. */
export const MAX_ALIKE = 3;

/** Row `JOB#id / REPO#owner/name`. Plan creates it; Work, Decide and Publish write under the lease (`attempt`). */
export const RepoRun = z.object({
  jobId: JobId,
  repository: RepositoryName,
  teamId: z.string(),
  userId: z.string(),
  state: RepoRunState,
  reason: Reason.optional(),
  round: z.number().int().positive(),
  /** The lease: the holder of the highest number may write. 0: not claimed yet. */
  attempt: z.number().int().nonnegative(),
  baseBranch: z.string().optional(),
  baseCommit: z.string().optional(),
  /** GitHub says that only some people can see it: names of people may stand in its pull requests. */
  isPrivate: z.boolean().optional(),
  /** As Plan resolved them for this round; absent on rows of earlier releases: see `settingsOf`. */
  settings: ResolvedSettings.optional(),
  ending: Ending.optional(),
  verdict: Verdict.optional(),
  patch: PatchFacts.optional(),
  patchOnly: Reason.optional(),
  /** The result of this round's setup command. */
  setup: CommandResult.optional(),
  verification: CommandResult.optional(),
  /** The check on the base commit, before any change: once for each base. */
  baseline: z.object({ commit: z.string(), result: CommandResult }).optional(),
  scripted: z.boolean().default(false),
  /** What it does now, a few words for the card: "reading pom.xml". Shown, and never read for a decision. */
  activity: z.string().max(200).optional(),
  /** The setup or the check, while it runs. Shown, and never read for a decision. */
  runningCommand: RunningCommand.optional(),
  /** Claude is busy: when the next request goes out. */
  waitsUntil: Timestamp.optional(),
  /** Which sandbox mode the commands ran in: bubblewrap, own-uid, off. */
  sandbox: z.string().optional(),
  /** Totals over all rounds and attempts; SET, never added, so repeating a write changes nothing. */
  ...Totals.shape,
  /** The request that went out last: what a dead attempt left here was asked in vain, unless its turn is stored. */
  asking: Asking.optional(),
  /** The totals when this round began: this round's turns are counted on top of them. */
  before: Totals,
  pullRequest: PullRequest.optional(),
  /** How it stood when GitHub was last asked; absent until then, and on rows of earlier releases. */
  pullRequestStatus: PullRequestStatus.optional(),
  /** Oldest first. After a merge the round began anew: on the newest base, with a conversation of its own. */
  leftBehind: z.array(LeftBehind).max(500).optional(),
  /** Other pull requests of Cody's that were open in this repository when the round was planned. */
  alsoOpen: z
    .array(z.object({ number: z.number().int(), url: z.url() }))
    .max(3)
    .optional(),
  /** Jobs for the same task that had not ended here when the round was planned. */
  alikeUnfinished: z.array(JobId).max(MAX_ALIKE).optional(),
  /** For people: that the model ends, as it was known when the round was planned. */
  modelWarning: z.string().max(300).optional(),
  /** Paths of the change that run by themselves, where the job may change them; the first of them. */
  runsByItself: RunsByItself.optional(),
  /** How many there are, once it has no space for more; rows of earlier releases do not tell. */
  runsByItselfCount: z.number().int().optional(),
  /** Whether the token that pushes may change workflows, in a job that may. */
  ciPermission: z.enum(["granted", "unknown"]).optional(),
  /** Who was not asked for a review of the pull request, and what GitHub says about it. */
  notAsked: z.string().max(500).optional(),
  /** A follow-up found that the pull request holds all that is needed. */
  nothingMore: z.boolean().optional(),
  /** This round is about an open pull request: what ends it before a change is made leaves that as it was. */
  looksAfter: z.boolean().optional(),
  /** The failing checks that this round was given, and those that the round before worked on. */
  fixing: GivenChecks.optional(),
  fixedBefore: GivenChecks.optional(),
  answering: GivenComments.optional(),
  /** Which replies GitHub did not take, and what it says about it. */
  notAnswered: z.string().max(500).optional(),
  /** Who said no to the patch of this round, in a review-first job. */
  rejection: z.object({ by: z.string(), at: Timestamp }).optional(),
  /** How long its tasks ran in earlier rounds. */
  workedMs: z.number().nonnegative().optional(),
  createdAt: Timestamp,
  startedAt: Timestamp.optional(),
  updatedAt: Timestamp,
  /** When its tasks of this round were done: a person may decide about it long after. Rows of earlier releases have none. */
  restedAt: Timestamp.optional(),
  endedAt: Timestamp.optional(),
});
export type RepoRun = z.infer<typeof RepoRun>;

/** How this very check ended on the commit that the run is made from; undefined where that is not known. */
export const baselineOf = (
  { baseline, baseCommit }: Pick<RepoRun, "baseline" | "baseCommit">,
  command: string | undefined,
): CommandResult | undefined =>
  baseline && baseline.commit === baseCommit && baseline.result.command === command ? baseline.result : undefined;

/**
 * How long its tasks have run, over all rounds, as the row tells: it only grows, and the time in which a person thinks
 * about a change is none of it.
 */
export function workedMs(run: Pick<RepoRun, "workedMs" | "startedAt" | "restedAt" | "endedAt" | "updatedAt">): number {
  const { startedAt, restedAt, endedAt, updatedAt } = run;
  const now = startedAt ? Date.parse(restedAt ?? endedAt ?? updatedAt) - Date.parse(startedAt) : 0;
  return (run.workedMs ?? 0) + Math.max(0, now);
}

/** The round that began anew on the newest base because what was there before is merged. */
export const beganAnewIn = ({ leftBehind = [] }: Pick<RepoRun, "leftBehind">): number | undefined =>
  leftBehind.findLast(({ state }) => state === "merged")?.round;

/** How many paths of the change run by themselves. undefined: more than the row names, as far as it tells. */
export function countByItself({ runsByItself = [], runsByItselfCount }: RepoRun): number | undefined {
  return runsByItselfCount ?? (runsByItself.length < MAX_BY_ITSELF ? runsByItself.length : undefined);
}

/**
 * Whether a cancel ends this run. One that publishes may have opened the pull request already, so that for it every
 * cancel comes too late.
 */
export const endsByCancel = (job: Pick<Job, "cancel">, { state, repository, round }: RepoRun) =>
  state !== "publishing" && cancelOf(job, repository, round) !== undefined;

/** How it ends then. */
export const cancelledRest = (run: Pick<RepoRun, "patch" | "looksAfter" | "pullRequest">) =>
  leavingOpen(run, { state: "cancelled", reason: because("cancelled", run.patch ? "a patch" : "nothing") } as const);

/** Where it rests: a round about an open pull request that came to nothing leaves that open. */
export const leavingOpen = <Rest extends { state: RepoRunState; reason?: Reason }>(
  { looksAfter, pullRequest }: Pick<RepoRun, "looksAfter" | "pullRequest">,
  rest: Rest,
) =>
  looksAfter && pullRequest
    ? { ...rest, state: "published" as const, ...(rest.reason && { reason: leftOpen(rest.reason) }) }
    : rest;

/**
 * When a run that waits for Claude asks again; undefined: it does not wait. What an attempt that died left counts no
 * more.
 */
export const waitOf = ({ state, waitsUntil }: RepoRun): string | undefined =>
  state === "working" ? waitsUntil : undefined;
