import type { JobRecord } from "../../packages/jobs/job-record.ts";

type PullEvidence = {
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
  /** The round of each closing reply. */
  closings: number[];
  pullRequests: PullEvidence[];
  /** What plain git makes of each stored patch on the base, oldest round first. */
  patches: { repository: string; round: number; treeId: string }[];
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
