import { z } from "zod";
import { JobId } from "./ids.ts";
import type { Job, JobOptions } from "./job.ts";
import { MessageRow } from "./message-row.ts";
import type { RepoRun } from "./repo-run.ts";
import { costLimitOf, type Round } from "./round.ts";
import { type CountedRun, costOfRun } from "./run-costs.ts";
import type { SetAsk } from "./set-ask.ts";

/** How the thread of a job stands for Slack's agent sessions: three of the four words that Slack has. */
const Session = z.enum(["processing", "suspended", "active"]);
export type Session = z.infer<typeof Session>;

/** Row `JOB#id / CARD`: the one live Slack message of a job. */
export const Card = MessageRow.extend({
  jobId: JobId,
  /** What Slack was told last of the thread's agent session; absent where the app has none. */
  session: Session.optional(),
  /** Closing replies by round number, and what was told directly by `2-direct`: the ts of each. */
  replies: z.record(z.string(), z.string()).default({}),
});
export type Card = z.infer<typeof Card>;
/** A message about a round, beside the card. */
export type ReplyKey = number | `${number}-direct`;

/** Every row of one job, as one query returns them. Runs stand in the order in which the job names them. */
export type JobRecord = {
  job: Job;
  rounds: Round[];
  runs: RepoRun[];
  card?: Card;
  /** What people asked for its pull requests. Absent: nothing. */
  asks?: SetAsk[];
};

/** What of these rows the cost limit, and the check before each turn, depends on. */
export type Budget = {
  job: Pick<Job, "cancel"> & { options: Pick<JobOptions, "capUsd"> };
  rounds: Pick<Round, "round" | "capUsd">[];
  runs: CountedRun[];
};

/** US dollars over all repositories and rounds; lost answers by estimate, a run without a known price as nothing. */
export const spendOf = (record: { runs: readonly Omit<CountedRun, "repository">[] }) =>
  record.runs.reduce((sum, run) => sum + costOfRun(run), 0);

/** `own`: what a run has spent by now, in place of what its row says, which may be older. */
export function dollarsLeft({ job, rounds, runs }: Budget, own?: Pick<CountedRun, "repository" | "spendUsd" | "lost">) {
  const now = runs.map((run) => (run.repository === own?.repository ? { ...run, ...own } : run));
  return Math.max(0, costLimitOf(job, rounds) - spendOf({ runs: now }));
}
