import type { AgentDeps } from "../agent/run-agent.ts";
import type { Clock } from "../clock/clock.ts";
import type { ActionOf } from "../conversation/calls.ts";
import type { GitHub } from "../github/client.ts";
import type { Effort } from "../jobs/job.ts";
import type { Reason } from "../jobs/reasons.ts";
import type { CommandNetwork, Sandbox } from "../sandbox/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { JobStore } from "../store/jobs.ts";
import type { Records } from "../store/records.ts";
import type { Transcript } from "../transcript/render-transcript.ts";
import type { Machine } from "./first-facts.ts";
import type { Seal } from "./seal.ts";
import type { WorkTree } from "./work-tree.ts";

export type WorkDeps = Pick<AgentDeps, "messages"> & {
  /** What other runs of this deployment learnt about the model's rate limit; absent: each finds out for itself. */
  pauseOf?(model: string): NonNullable<AgentDeps["pause"]>;
  jobs: JobStore;
  records: Records;
  /** What reads GitHub, for a round about a pull request. */
  openGitHub(): Promise<GitHub>;
  /** A fresh clone of the pinned commit, which commands see on that branch. */
  openTree(baseCommit: string, signal: AbortSignal, branch?: string): Promise<WorkTree>;
  /** It is tried out while the run is claimed. */
  sandbox: Pick<Sandbox, "mode"> | Promise<Pick<Sandbox, "mode">>;
  /** What the setup command may reach; absent: package registries. */
  setupNetwork?: CommandNetwork;
  redactor: Redactor;
  /** Closes what Claude said where a secret was taken out of it; absent: nothing of that is kept. */
  seal?: Seal;
  /** Secrets of this process, which no patch may hold. */
  secrets: readonly string[];
  /** Why there is no token: the run fails with that. */
  refused?: Reason | undefined;
  /** What commands run on, for the first message; absent: nothing is said of it. */
  machine?: Pick<Machine, "os">;
  /** The deployment's, where a job names none. */
  effort?: Effort | undefined;
  limits: { maxTurns: number; maxSeconds: number };
  drawPage(transcript: Transcript, actionOf: ActionOf): Promise<string>;
  clock: Clock;
  /** How long a clone is tried again; absent: two minutes. */
  deadlineMs?: number;
  log(event: string, facts?: Record<string, unknown>): void;
};
