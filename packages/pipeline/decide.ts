import { z } from "zod";
import { DELIVERIES } from "../jobs/deliveries.ts";
import { RunRef } from "../jobs/execution.ts";
import type { Job } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { cancelledRest, endsByCancel, leavingOpen, type RepoRun } from "../jobs/repo-run.ts";
import {
  addsNothing,
  afterReplies,
  leftUntold,
  needsPullRequest,
  owedReplies,
  owesOnlyReplies,
} from "../jobs/run-pull-request.ts";
import { isAtRest, type RepoRunState } from "../jobs/states.ts";
import { reasonOfLost, TaskError } from "./lost-task.ts";

/** A run's identity, and what became of its task when that did not end by itself: at most one of the two. */
export const DecideInput = RunRef.extend({ error: TaskError.optional(), publishError: TaskError.optional() });
export type DecideInput = z.infer<typeof DecideInput>;

export const DecideOutput = z.object({ next: z.enum(["publish", "end"]) });
export type DecideOutput = z.infer<typeof DecideOutput>;

export type DecideDeps = {
  readJob(jobId: string): Promise<JobRecord | undefined>;
  /** Holds only while the row is of this round and in one of the states `from`. */
  moveRun(ref: RunRef, from: RepoRunState[], changes: Rest): Promise<RepoRun | undefined>;
};

/** Where a run comes to rest; nothing goes on any more. */
export type Rest = { state: RepoRunState; reason?: Reason; nothingMore?: true; activity?: undefined };

/** "nothing": at rest already; "publish": the row stays as it is, Publish claims it. */
export type Decision = Rest | "nothing" | "publish";

/** Pure. The first complete outcome of a round wins, even over a task that was lost after writing it. */
export function decideRun(job: Job, run: RepoRun, lost: Omit<DecideInput, keyof RunRef> = {}): Decision {
  const decision = decideAlone(job, run, lost);
  if (typeof decision === "string" || !CAME_TO_NOTHING.includes(decision.state)) return decision;
  // A change that could not be published can be published again.
  return needsPullRequest(run) && decision.state === "failed" ? decision : leavingOpen(run, decision);
}

const CAME_TO_NOTHING: readonly RepoRunState[] = ["failed", "blocked", "cancelled"];

function decideAlone(job: Job, run: RepoRun, lost: Omit<DecideInput, keyof RunRef>): Decision {
  if (isAtRest(run.state)) return "nothing";
  const { next } = DELIVERIES[job.options.delivery];
  // Replies are posted by Publish, also where there is nothing to push.
  if (addsNothing(run) && owedReplies(run).length === 0) return { state: "published", nothingMore: true };
  if (owesOnlyReplies(run)) {
    if (lost.publishError) return withoutReplies(run, lost.publishError);
    return endsByCancel(job, run) ? afterReplies(run) : "publish";
  }
  if (run.ending === "unchanged") return { state: "unchanged" };
  if (run.ending === "blocked")
    return { state: "blocked", reason: run.reason ?? because("blocked", "no more is known") };
  if (endsByCancel(job, run) || run.ending === "cancelled")
    return { ...cancelledRest(run), ...(run.reason && { reason: run.reason }) };
  if (lost.publishError) return { state: "failed", reason: reasonOfLost("publish", lost.publishError) };
  switch (run.ending) {
    case undefined:
      return { state: "failed", reason: reasonOfLost("work", lost.error) };
    case "skipped":
      return { state: "published", ...(run.reason && { reason: run.reason }) };
    case "failed":
      return { state: "failed", reason: run.reason ?? reasonOfLost("work", lost.error) };
    case "partial": {
      const reason = run.reason ?? because("partial");
      if (!run.patch) return { state: "failed", reason };
      if (!needsPullRequest(run)) return { state: "patch-ready", reason };
      return next === "publish" ? next : { state: next, reason };
    }
    case "changed":
      if (!run.patch) return { state: "failed", reason: reasonOfLost("work", lost.error) };
      if (run.patchOnly) return { state: "patch-ready", reason: run.patchOnly };
      // Only its replies are new, and a person has asked for them: there is nothing to approve.
      if (addsNothing(run)) return "publish";
      return next === "publish" ? next : { state: next };
  }
}

/** They were not all posted, and the verdict stands. */
export const withoutReplies = (run: RepoRun, lost?: TaskError): Rest => ({
  ...afterReplies(run),
  reason: leftUntold(run, reasonOfLost("publish", lost)),
});

/**
 * The Decide state: brings the row to rest or says that it is to be published. Repeating it changes nothing.
 * Throws when the job or its run does not exist, which Retry and then Finish answer.
 */
export async function decide(deps: DecideDeps, input: DecideInput): Promise<DecideOutput> {
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const record = await deps.readJob(input.jobId);
    const run = record?.runs.find((one) => one.repository === input.repository);
    if (!record || !run) throw new Error(`There is no run of ${input.repository} in job ${input.jobId}.`);
    if (run.round !== input.round) return { next: "end" };
    const decision = decideRun(record.job, run, input);
    if (decision === "nothing") return { next: "end" };
    if (decision === "publish") return { next: "publish" };
    if (await deps.moveRun(input, [run.state], { ...decision, activity: undefined })) return { next: "end" };
  }
  throw new Error(`The run of ${input.repository} in job ${input.jobId} moved under every look at it.`);
}

/** Another process may move the row between reading and writing it: the next look decides on what is there then. */
const MAX_LOOKS = 5;
