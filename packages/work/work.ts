import { Cancelled } from "../agent/endings.ts";
import { endingReasonOf } from "../github/with-retries.ts";
import type { RunRef } from "../jobs/execution.ts";
import { cancelOf } from "../jobs/job.ts";
import type { Outcome } from "../jobs/outcome.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { moreOf, type Totals } from "../jobs/usage.ts";
import type { JobStore } from "../store/jobs.ts";
import { redactedRows } from "../store/redacted-rows.ts";
import type { Lease } from "../store/runs.ts";
import { attemptRun, type Concluded } from "./attempt.ts";
import { watchForCancel } from "./cancel-watch.ts";
import { countLost } from "./count-lost.ts";
import { outcomeWithoutAgent } from "./outcome-of.ts";
import { redactedRecords } from "./redacted-records.ts";
import { keepTranscript } from "./transcript.ts";
import type { WorkDeps } from "./work-deps.ts";

/**
 * One attempt of Work. Every ending is an outcome; what it throws (a lost lease apart) means that another attempt
 * should go on from the stored turns.
 */
export async function work(ref: RunRef, given: WorkDeps, stop: AbortSignal): Promise<void> {
  const deps: WorkDeps = {
    ...given,
    jobs: redactedRows(given.jobs, given.redactor),
    records: redactedRecords(given.records, given.redactor, given.seal),
  };
  const claimed = await deps.jobs.claimRun(ref);
  if (!claimed) return deps.log("nothing to do: this round's run has ended or another round is active");
  const lease = { ...ref, attempt: claimed.attempt };
  deps.log("claimed", { attempt: claimed.attempt });
  const run = await countLost(lease, claimed, deps);
  // The first attempt of a round finds no outcome.
  const found = lease.attempt === 1 ? undefined : await deps.records.outcome(ref);
  const made: Concluded = found ? { outcome: found } : await conclude(lease, run);
  const outcome = found ?? (await deps.records.putOutcome(made.outcome));
  await keepTranscript(ref, outcome, made, deps);
  await writeEnding(lease, run, outcome, deps.jobs);
  const { ending, reason, turns, totals } = outcome;
  // The spend alarm of stacks/alarms.ts reads `event` and `spentUsd`.
  deps.log("recorded", {
    ending,
    reason: reason?.code,
    turns,
    spentUsd: spentUsd(totals) - spentUsd(run.before),
  });

  async function conclude(lease: Lease, run: RepoRun): Promise<Concluded> {
    const startedAt = deps.clock.now().toISOString();
    const record = await deps.jobs.readJob(ref.jobId);
    if (!record) throw new Error(`Job ${ref.jobId} is not in the table.`);
    // The turns as they are stored: each is paid, whatever the row has heard of it. What was lost stands on the row.
    const early = async (ending: Pick<Outcome, "ending" | "reason">) => {
      const [row, turns] = await Promise.all([deps.jobs.readRun(ref), deps.records.turnsOf(ref)]);
      const outcome = outcomeWithoutAgent({ ...lease, startedAt }, row ?? run, turns, ending, deps.clock.now());
      return { outcome, record };
    };
    if (cancelOf(record.job, ref.repository, ref.round)) return early({ ending: "cancelled" });
    if (deps.refused) return early({ ending: "failed", reason: deps.refused });
    using cancel = watchForCancel(ref, deps);
    const signal = AbortSignal.any([stop, cancel.signal]);
    try {
      return { ...(await attemptRun({ ...lease, startedAt }, run, record, deps, signal)), record };
    } catch (error) {
      if (signal.reason instanceof Cancelled) return early({ ending: "cancelled" });
      const reason = endingReasonOf(error);
      if (reason) return early({ ending: "failed", reason });
      throw error;
    }
  }
}

/** What is said of the pull request stays true: such a round added nothing to it. */
const LEAVES_ALL: readonly Outcome["ending"][] = ["skipped", "blocked", "failed", "cancelled"];

/** The last write of Work; it may come from a later attempt than the outcome itself. */
async function writeEnding(lease: Lease, run: RepoRun, outcome: Outcome, jobs: JobStore) {
  const found = {
    verdict: outcome.verdict,
    runsByItself: outcome.runsByItself,
    runsByItselfCount: outcome.runsByItselfCount,
    verification: outcome.verification,
  };
  await jobs.updateRun(lease, {
    state: "verifying",
    activity: undefined,
    ending: outcome.ending,
    reason: outcome.reason,
    ...(run.looksAfter && LEAVES_ALL.includes(outcome.ending) ? {} : found),
    // What an earlier round left stays, unless this one found that nothing is needed.
    ...((outcome.patch || outcome.ending === "unchanged") && { patch: outcome.patch }),
    patchOnly: outcome.patchOnly,
    setup: outcome.setup,
    scripted: outcome.scripted,
    asking: undefined,
    ...outcome.totals,
    lost: moreOf(run.lost, outcome.totals.lost),
  });
}

const spentUsd = ({ spendUsd, lost }: Totals) => (spendUsd ?? 0) + (lost?.usd ?? 0);
