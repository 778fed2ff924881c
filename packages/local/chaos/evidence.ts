import type { JobRecord } from "../../jobs/job-record.ts";

export type PullEvidence = {
  repository: string;
  number: number;
  treeId: string;
  /** Title and text. */
  body: string;
};
/** One job as people, the table and GitHub show it. */
export type JobEvidence = {
  record: JobRecord;
  cards: number;
  cardIsRight: boolean;
  replies: number;
  pullRequests: PullEvidence[];
};
export type Evidence = { jobs: JobEvidence[]; messages: string };

/** What is there once the stack has stopped. */
export type Remains = {
  /** Below TMPDIR, and scratch folders of runners. */
  files: string[];
  /** Command lines. */
  processes: string[];
  /** Files in which a secret stands. */
  leaks: string[];
};
