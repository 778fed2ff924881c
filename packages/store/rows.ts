import { Job } from "../jobs/job.ts";
import { Card } from "../jobs/job-record.ts";
import { RepoRun } from "../jobs/repo-run.ts";
import { Round } from "../jobs/round.ts";
import { SetAsk } from "../jobs/set-ask.ts";
import { waitsForPerson } from "../jobs/states.ts";

export type RowKey = { pk: string; sk: string };
/** An item of the table as the document client gives it. */
export type Row = Record<string, unknown>;

const partitionOf = (jobId: string) => `JOB#${jobId}`;
export const jobPartition = partitionOf;
export const jobKey = (jobId: string): RowKey => ({ pk: partitionOf(jobId), sk: "JOB" });
export const cardKey = (jobId: string): RowKey => ({ pk: partitionOf(jobId), sk: "CARD" });
export const roundKey = (ref: { jobId: string; round: number }): RowKey => ({
  pk: partitionOf(ref.jobId),
  sk: `ROUND#${String(ref.round).padStart(4, "0")}`,
});
export const runKey = (ref: { jobId: string; repository: string }): RowKey => ({
  pk: partitionOf(ref.jobId),
  sk: `REPO#${ref.repository}`,
});

export type JobRow =
  | { kind: "job"; job: Job }
  | { kind: "round"; round: Round }
  | { kind: "run"; run: RepoRun }
  | { kind: "card"; card: Card }
  | { kind: "ask"; ask: SetAsk };

/** What a row (also the unmarshalled image of a stream record) says; undefined for kinds that belong to no job. */
export function parseRow(row: Row): JobRow | undefined {
  if (typeof row.pk !== "string" || !row.pk.startsWith("JOB#")) return undefined;
  const [kind] = String(row.sk).split("#", 1);
  if (kind === "JOB") return { kind: "job", job: Job.parse(row) };
  if (kind === "ROUND") return { kind: "round", round: Round.parse(row) };
  if (kind === "REPO") return { kind: "run", run: RepoRun.parse(row) };
  if (kind === "CARD") return { kind: "card", card: Card.parse(row) };
  if (kind === "ASK") return { kind: "ask", ask: SetAsk.parse(row) };
  return undefined;
}

const OPEN = "open";
/** Attributes that put a row on the sweeper's list, and those that take it off. */
export const onTheList = (since: string) => ({ open: OPEN, openSince: since });
export const OFF_THE_LIST = { open: undefined, openSince: undefined };
export const OPEN_PARTITION = OPEN;

/** Sort value of the lists: newest last, unique. */
const timeOf = (createdAt: string, jobId: string) => `${createdAt}#${jobId}`;
export const userPartition = (who: { teamId: string; userId: string }) => `${who.teamId}#${who.userId}`;
/** Holds for one workspace: nothing that one stores is visible to another. GitHub compares names without case. */
export const repositoryPartition = (of: { teamId: string; repository: string }) =>
  `${of.teamId}#${of.repository.toLowerCase()}`;

/** A new job is on the list until its first round has been asked for. */
export const rowOfJob = (job: Job): RowKey & Row => ({
  ...jobKey(job.jobId),
  ...job,
  ...onTheList(job.createdAt),
  team: job.teamId,
  user: userPartition(job),
  time: timeOf(job.createdAt, job.jobId),
});

export const rowOfRound = (round: Round): RowKey & Row => ({
  ...roundKey(round),
  ...round,
  ...(round.finishedAt === undefined && onTheList(round.requestedAt)),
});

export const rowOfRun = (run: RepoRun): RowKey & Row => ({
  ...runKey(run),
  ...run,
  ...(waitsForPerson(run.state) && onTheList(run.updatedAt)),
  ...(run.pullRequest && { pullRequestUrl: run.pullRequest.url }),
  repositoryKey: repositoryPartition(run),
  time: timeOf(run.createdAt, run.jobId),
});
