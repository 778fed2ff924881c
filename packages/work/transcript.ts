import { actionOf } from "../agent/tools/create-tools.ts";
import type { RunRef } from "../jobs/execution.ts";
import type { Outcome } from "../jobs/outcome.ts";
import { lostSince } from "../jobs/usage.ts";
import { shownPatch } from "../secrets/shown-patch.ts";
import { firstFiles } from "../transcript/first-files.ts";
import type { Concluded } from "./attempt.ts";
import type { WorkDeps } from "./work-deps.ts";

/**
 * `transcript.html`, made from what is stored, so that any attempt can make it; `made`: what this one stored. It comes
 * after the outcome and is not part of it: a page that cannot be drawn must not cost a result.
 */
export async function keepTranscript(
  ref: RunRef,
  outcome: Outcome,
  made: Concluded,
  { jobs, records, redactor, drawPage, log }: WorkDeps,
): Promise<void> {
  try {
    const [record, conversation, turns, patch] = await Promise.all([
      made.record ?? jobs.readJob(ref.jobId),
      made.conversation ?? records.conversation(ref),
      made.turns ?? records.turnsOf(ref),
      outcome.patch && records.readPatch(outcome.patch.key),
    ]);
    if (!record || !conversation) return;
    const first = patch && firstFiles(patch);
    const run = record.runs.find(({ repository }) => repository === ref.repository);
    const followUp = record.rounds.find((one) => one.round === ref.round)?.prompt;
    const shown = {
      // Conversation and outcome passed the redactor on their way into the bucket.
      conversation,
      turns,
      outcome,
      patch: first && (await shownPatch(first.patch, redactor)),
      rest: first?.rest,
      ...(await redactor.redactAll({ prompt: record.job.prompt, followUp })),
      baseCommit: run?.baseCommit,
      setup: outcome.setup,
      lost: lostSince(run?.before.lost, outcome.totals.lost),
    };
    await records.putTranscript(ref, await drawPage(shown, actionOf));
  } catch (error) {
    log("no transcript", { why: String(error) });
  }
}
