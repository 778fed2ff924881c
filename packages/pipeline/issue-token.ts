import type { RunRef, TokenAnswer } from "../jobs/execution.ts";
import type { JobOptions } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { because } from "../jobs/reasons.ts";
import { endsByCancel, type RepoRun } from "../jobs/repo-run.ts";
import { needsPullRequest, owesOnlyReplies } from "../jobs/run-pull-request.ts";
import { isAtRest } from "../jobs/states.ts";
import { decideRun } from "./decide.ts";
import { stepOf } from "./opening.ts";

/** What the token is for: the task that asks, and with it how much the token may do. */
export type TokenFor = "work" | "publish";

export type IssueTokenDeps = {
  readJob(jobId: string): Promise<JobRecord | undefined>;
  /** A token for this one repository; a refusal when GitHub gives none. Throws what a retry may cure. */
  mint(repository: string, options: JobOptions & { looksAfter?: boolean | undefined }): Promise<TokenAnswer>;
};

/**
 * Gives a task the GitHub token of its own repository and round, while its row says that the task is due: Work until
 * there is something to publish, Publish when Decide has let it through or a person has approved.
 */
export async function issueToken(deps: IssueTokenDeps, tokenFor: TokenFor, ref: RunRef): Promise<TokenAnswer> {
  const record = await deps.readJob(ref.jobId);
  const run = record?.runs.find((one) => one.repository === ref.repository);
  if (!record || !run || run.round !== ref.round || !isDue(tokenFor, record, run))
    return { ok: false, reason: notDue(tokenFor, ref) };
  return deps.mint(run.repository, { ...record.job.options, looksAfter: run.looksAfter });
}

function isDue(tokenFor: TokenFor, record: JobRecord, run: RepoRun): boolean {
  const round = record.rounds.find((one) => one.round === run.round);
  if (!round || round.finishedAt || isAtRest(run.state)) return false;
  if (endsByCancel(record.job, run)) return false;
  if (tokenFor === "work") return stepOf(run) === "work";
  // Closing a pull request is Publish's work, and there is nothing to open.
  if (round.kind !== "close" && !needsPullRequest(run) && !owesOnlyReplies(run)) return false;
  return stepOf(run) === "publish" || (run.state === "verifying" && decideRun(record.job, run) === "publish");
}

const notDue = (tokenFor: TokenFor, { repository, round }: RunRef) =>
  because("token-refused", tokenFor, repository, round);
