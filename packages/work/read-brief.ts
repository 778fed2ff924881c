import type { Redact } from "../agent/redact.ts";
import { refusalOf } from "../github/refusals.ts";
import { type RetryOptions, withRetries } from "../github/with-retries.ts";
import { leftOpen } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import type { RoundKind } from "../jobs/round.ts";
import { failingChecksBrief } from "./failing-checks.ts";
import { type PullRequestBrief, stopped } from "./pull-request-brief.ts";
import { reviewBrief } from "./review-comments.ts";
import type { WorkDeps } from "./work-deps.ts";

type Reading = Pick<WorkDeps, "openGitHub" | "log"> & { redact: Redact; patience: RetryOptions };

/** What a round of this kind, about an open pull request, asks of the agent. GitHub's refusal is a reason to stop. */
export async function readBrief(
  kind: RoundKind | undefined,
  run: RepoRun,
  reading: Reading,
): Promise<PullRequestBrief> {
  const { openGitHub, redact, patience, log } = reading;
  const github = await openGitHub();
  const read = kind === "answer-review" ? reviewBrief : failingChecksBrief;
  try {
    return await withRetries("Reading the pull request", () => read(github, run, redact), {
      ...patience,
      onWait: (words) => log("reading the pull request failed, trying again", { words }),
    });
  } catch (error) {
    const reason = refusalOf(error, run.repository);
    if (reason) return stopped(leftOpen(reason));
    throw error;
  }
}
