import type { Clock } from "../clock/clock.ts";
import type { GitHub } from "../github/client.ts";
import type { Reason } from "../jobs/reasons.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { JobStore } from "../store/jobs.ts";
import type { Records } from "../store/records.ts";
import type { BranchTree } from "./branch-tree.ts";

export type PublishDeps = {
  jobs: JobStore;
  records: Records;
  github: GitHub;
  /** A fresh clone of the pinned commit, and the branches of its repository. */
  openTree(baseCommit: string): Promise<BranchTree>;
  /** Who acts here, where the token does not say it itself: the app's bot. */
  login?: string | undefined;
  /** Why there is no token: the run fails with that. */
  refused?: Reason | undefined;
  redactor: Redactor;
  /** Secrets of this process, which nothing that is pushed may hold. */
  secrets: readonly string[];
  clock: Clock;
  /** How long a temporary failure is tried again; absent: two minutes. */
  deadlineMs?: number;
  log(event: string, facts?: Record<string, unknown>): void;
};

export type LeasedDeps = PublishDeps & {
  /** Right before what another attempt may have done meanwhile. Throws LeaseLost when it is not this one's task any more. */
  holdLease(): Promise<unknown>;
};
