import type { AuditEntry } from "../packages/jobs/audit.ts";
import type { Job } from "../packages/jobs/job.ts";
import type { RepoRun } from "../packages/jobs/repo-run.ts";
import type { Round } from "../packages/jobs/round.ts";

type PageRequest = { limit: number; after?: string | undefined };
type Page<Item> = { items: Item[]; after?: string };

/** What the dashboard reads; every list is of one workspace, newest first. */
export type LookBackStore = {
  jobsOfTeam(teamId: string, page: PageRequest): Promise<Page<Job>>;
  jobsOfUser(who: { teamId: string; userId: string }, page: PageRequest): Promise<Page<Job>>;
  runsOfRepository(of: { teamId: string; repository: string }, page: PageRequest): Promise<Page<RepoRun>>;
  jobsById(jobIds: readonly string[]): Promise<Job[]>;
  runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]>;
  cursorOfJob(job: Job): string;
  cursorOfRun(run: RepoRun): string;
  readAudit(of: { jobId: string }, page: { limit: number }): Promise<AuditEntry[]>;
  /** What runs or waits, of every workspace: whoever asks looks at the team. */
  openItems(): AsyncIterable<
    { kind: "job"; job: Job } | { kind: "round"; round: Round } | { kind: "approval"; run: RepoRun }
  >;
};

export type LookBackArtifacts = {
  link(key: string, options: { fileName: string; seconds?: number; inline?: boolean }): Promise<string>;
  read(key: string): Promise<Uint8Array | undefined>;
  list(prefix: string): AsyncIterable<string>;
  putOnce(key: string, body: Uint8Array, contentType: string): Promise<"stored" | "exists">;
};
