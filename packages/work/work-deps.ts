import type { AgentDeps } from "../agent/run-agent.ts";
import type { Reason } from "../jobs/reasons.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { JobStore } from "../store/jobs.ts";
import type { Records } from "../store/records.ts";
import type { Seal } from "./seal.ts";

export type WorkDeps = Pick<AgentDeps, "messages"> & {
  /** What other runs of this deployment learnt about the model's rate limit; absent: each finds out for itself. */
  pauseOf?(model: string): NonNullable<AgentDeps["pause"]>;
  jobs: JobStore;
  records: Records;
  /** It is tried out while the run is claimed. */
  sandbox: Sandbox | Promise<Sandbox>;
  redactor: Redactor;
  /** Closes what Claude said where a secret was taken out of it; absent: nothing of that is kept. */
  seal?: Seal;
  /** Secrets of this process, which no patch may hold. */
  secrets: string[];
  remote: { url: string; token: string };
  /** Why there is no token: the run fails with that. */
  refused?: Reason | undefined;
  folder: string;
  limits: { maxTurns: number; maxSeconds: number };
  commandTimeoutMs: number;
  /** For how long a clone is tried again; absent: two minutes. */
  patienceMs?: number;
  now(): Date;
  log(event: string, facts?: Record<string, unknown>): void;
};
