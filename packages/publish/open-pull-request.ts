import { askReviewers } from "../github/ask-reviewers.ts";
import { ourLogin } from "../github/client.ts";
import { isMergeable } from "../github/mergeable.ts";
import { type PullRequestFacts, pullRequestText } from "../github/pull-request-text.ts";
import { findOrOpenPullRequest } from "../github/pull-requests.ts";
import { isPrivateNow } from "../github/repositories.ts";
import type { ShownByItself } from "../github/runs-by-itself.ts";
import { setSection } from "../github/set-section.ts";
import { DELIVERIES } from "../jobs/deliveries.ts";
import type { Delivery } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import type { PullRequest } from "../jobs/pull-request.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { baselineOf, type RepoRun } from "../jobs/repo-run.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import { isStoppedDraft } from "../jobs/run-pull-request.ts";
import { sourceWords } from "../jobs/settings-words.ts";
import { whyUnverified } from "../jobs/unverified.ts";
import { askedFor } from "./asked-for.ts";
import { type Refused, refusedForGood } from "./endings.ts";
import type { LeasedDeps } from "./publish-deps.ts";
import type { PushedCommit } from "./push-patch.ts";
import { reportOf } from "./report-of.ts";

/** `warning`: it is open, and a person should know this. */
export type Published =
  | ({
      ok: true;
      pullRequest: PullRequest;
      warning?: Reason;
      /** Who was not asked for a review, and why. */
      notAsked?: string;
      /** Which replies GitHub did not take, and why. */
      notAnswered?: string;
    } & ShownByItself)
  | Refused;

const LABEL = "cody";
/** This task's token shows one repository. What may be named because everyone may read it is added a minute later. */
const NONE: ReadonlySet<string> = new Set();

/** Pure: a person looks first at what no check has passed, and at what would run by itself. */
export const opensAsDraft = (
  delivery: Delivery,
  { isVerified, runsByItself }: { isVerified: boolean; runsByItself: readonly string[] },
) => DELIVERIES[delivery].draft || !isVerified || runsByItself.length > 0;

/** The one pull request of the pushed branch: opened, or found where an earlier attempt opened it. */
export async function openPullRequest(
  record: JobRecord,
  run: RepoRun,
  { branch, commit, runsByItself, runsByItselfCount }: PushedCommit,
  { github, login, redactor, clock, holdLease }: LeasedDeps,
): Promise<Published> {
  const { job } = record;
  const { verification } = run;
  const settings = settingsOf(job, run);
  const check = settings.check?.value;
  const baseline = baselineOf(run, check);
  // Approved a week later, or tried again without a look at the repository: everyone may read it by now.
  const mayNamePeople = run.isPrivate === true && (await isPrivateNow(github, run.repository));
  const facts: PullRequestFacts = {
    jobId: job.jobId,
    asked: askedFor(record, run),
    ...(mayNamePeople && { askedBy: { ...job.requester, thread: record.card?.permalink } }),
    verdict: reportOf(run),
    ...(isStoppedDraft(run) && { stopped: run.reason ?? because("partial") }),
    baseCommit: run.baseCommit!,
    verifyCommand: check,
    ...(settings.check && { checkSource: sourceWords(settings.check) }),
    ...(verification && { verification }),
    ...(baseline && { baseline }),
    scripted: run.scripted,
    model: job.options.model,
    runsByItself,
    ...(runsByItselfCount && { runsByItselfCount }),
    ...(job.repositories.length > 1 && { section: setSection(record, { ...run, isPrivate: mayNamePeople }, NONE) }),
  };
  const isVerified = whyUnverified(check, verification, baseline) === undefined && !isStoppedDraft(run);
  const found = await findOrOpenPullRequest(
    github,
    {
      repository: run.repository,
      branch,
      base: run.baseBranch!,
      // Before it is cut, and before the marker is made of it.
      ...pullRequestText(await redactor.redactAll(facts)),
      // What names people goes as soon as everyone may read it.
      keepsSection: mayNamePeople || run.isPrivate !== true,
      draft: opensAsDraft(job.options.delivery, { isVerified, runsByItself }),
      labels: [LABEL, ...(settings.labels?.value ?? [])],
      marker: { jobId: job.jobId },
      ourLogin: login ?? (await ourLogin(github)),
    },
    { sleep: clock.sleep, beforeOpening: holdLease },
  );
  if (!found.ok) return found;
  if (run.pullRequest && found.state !== "open")
    return refusedForGood(because("pull-request-closed", found.pullRequest.number, found.state));
  // A person who was asked before, and has reviewed, is not asked again by a later round.
  const notAsked = run.pullRequest
    ? undefined
    : await askReviewers(github, {
        repository: run.repository,
        number: found.pullRequest.number,
        reviewers: settings.reviewers?.value ?? [],
      });
  const conflicts = (await isMergeable(github, run.repository, found.pullRequest.number, clock)) === false;
  return {
    ok: true,
    // What GitHub lists may lag behind the push.
    pullRequest: { ...found.pullRequest, commit },
    runsByItself,
    ...(runsByItselfCount && { runsByItselfCount }),
    ...(notAsked !== undefined && { notAsked }),
    ...(conflicts && { warning: because("conflicts", run.baseBranch) }),
  };
}
