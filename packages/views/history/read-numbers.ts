import type { Job } from "../../jobs/job.ts";
import type { NumberedRun } from "../../jobs/numbers.ts";
import { firstLine } from "../../text/lines.ts";
import { clipToSize } from "../size.ts";
import { readable as shown } from "../text.ts";
import { jobsSince } from "./jobs-since.ts";

/** A job of the month, and by what name people know its task. */
export type NumberedJob = { job: Job; label: string; runs: NumberedRun[] };

export type Numbers = {
  /** "2026-11" */
  month: string;
  /** The months of the chart, oldest first; the last one is the month itself. */
  months: string[];
  /** The jobs of all these months. */
  jobs: NumberedJob[];
  /** There are more than were read: the oldest months are left out, or the month itself is not whole. */
  cut: boolean;
};

export type NumbersReading = {
  store: {
    jobsOfTeam(
      teamId: string,
      page: { limit: number; after?: string | undefined; before?: string },
    ): Promise<{ items: Job[]; after?: string }>;
    runsForNumbers(jobs: readonly Job[]): Promise<NumberedRun[]>;
  };
  /** Which jobs the person may read. */
  readable: (job: Job) => boolean;
  /** The name of the saved job with this prompt. */
  nameOf: (prompt: string) => string | undefined;
};

const MONTHS = 6;
/** Read within the time in which a person waits for a modal: some thirty pages of the index. */
const MAX_JOBS = 3_000;
const MAX_LABEL = 60;

/** "2026-11" and -1 give "2026-10". */
export function monthBeside(month: string, by: number): string {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year!, number! - 1 + by, 1)).toISOString().slice(0, 7);
}

export const monthOf = ({ createdAt }: Pick<Job, "createdAt">) => createdAt.slice(0, 7);

/** Jobs that were started in a month and the five before it, by the index of the workspace's jobs. */
export async function readNumbers(
  { store, readable, nameOf }: NumbersReading,
  teamId: string,
  month: string,
): Promise<Numbers> {
  const all = Array.from({ length: MONTHS }, (_, i) => monthBeside(month, i + 1 - MONTHS));
  const { jobs, cut } = await jobsSince(store, teamId, {
    since: all[0]!,
    before: monthBeside(month, 1),
    max: MAX_JOBS,
  });
  const oldest = jobs.at(-1);
  // A month of which a part was read would look like a bad one.
  const months = cut && oldest ? all.filter((one) => one === month || one > monthOf(oldest)) : all;
  const counted = jobs.filter((job) => months.includes(monthOf(job)) && readable(job));
  const runs = Map.groupBy(await store.runsForNumbers(counted), ({ jobId }) => jobId);
  return {
    month,
    months,
    cut,
    jobs: counted.map((job) => ({ job, label: labelOf(job, nameOf), runs: runs.get(job.jobId) ?? [] })),
  };
}

const labelOf = ({ scheduled, prompt }: Job, nameOf: NumbersReading["nameOf"]) =>
  scheduled?.name ?? nameOf(prompt) ?? clipToSize(shown(firstLine(prompt)), MAX_LABEL);
