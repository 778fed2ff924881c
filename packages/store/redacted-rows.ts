import type { Outcome, RunningCommand, Verdict } from "../jobs/outcome.ts";
import type { Reason } from "../jobs/reasons.ts";
import { clip, clipStart } from "../text/cut.ts";
import type { JobStore } from "./jobs.ts";

type OutcomeTexts = Partial<Pick<Outcome, "verdict" | "reason" | "patchOnly" | "setup" | "verification">> & {
  activity?: string | undefined;
  runningCommand?: RunningCommand | undefined;
};

/** A row tells people what a task says, so it passes the redactor. */
export const redactedRows = (jobs: JobStore, { redactAll }: { redactAll<T>(value: T): Promise<T> }): JobStore => ({
  ...jobs,
  updateRun: async (lease, changes) => jobs.updateRun(lease, fitted(await redactAll(changes))),
});

/** A placeholder can be longer than the secret it stands for, and a row or an outcome refuses what is too long. */
export function fitted<T extends OutcomeTexts>(said: T): T {
  const { verdict, reason, patchOnly, activity, runningCommand } = said;
  return {
    ...said,
    ...(verdict && { verdict: fittedVerdict(verdict) }),
    ...(reason && { reason: fittedReason(reason) }),
    ...(patchOnly && { patchOnly: fittedReason(patchOnly) }),
    ...(activity !== undefined && { activity: clip(activity, 200) }),
    ...(runningCommand && {
      runningCommand: {
        ...runningCommand,
        command: clip(runningCommand.command, 300),
        tail: clipStart(runningCommand.tail, 2_000),
      },
    }),
  };
}

const fittedReason = (reason: Reason): Reason => ({
  ...reason,
  message: clip(reason.message, 500),
  nextStep: clip(reason.nextStep, 500),
});

const fittedVerdict = (verdict: Verdict): Verdict => ({
  ...verdict,
  summary: clip(verdict.summary, 3_000),
  evidence: verdict.evidence.map(({ path, note }) => ({ path: clip(path, 500), note: clip(note, 1_000) })),
  pullRequestTitle: clip(verdict.pullRequestTitle, 200),
  pullRequestBody: clip(verdict.pullRequestBody, 20_000),
  ...(verdict.replies && {
    replies: verdict.replies.map(({ thread, body }) => ({ thread, body: clip(body, 2_000) })),
  }),
});
