import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";
import { Timestamp } from "./job.ts";
import { Totals } from "./usage.ts";
import { Verdict } from "./verdict.ts";

/** One line and a next step, for people. `code` is stable and for tests, filters and alarms. */
export const Reason = z.object({ code: z.string(), message: z.string().max(500), nextStep: z.string().max(500) });
export type Reason = z.infer<typeof Reason>;

export const CommandResult = z.object({
  command: z.string(),
  /** null: it was ended by a time-out or a signal. */
  exitCode: z.number().int().nullable(),
  timedOut: z.boolean(),
  durationMs: z.number().nonnegative(),
  /** Why it could not be run at all: then there is no exit code either. */
  notRun: z.string().max(500).optional(),
  /** The last lines of its output, capped and redacted. */
  tail: z.string(),
});
export type CommandResult = z.infer<typeof CommandResult>;

export const PatchFacts = z.object({
  key: z.string(),
  bytes: z.number().int().nonnegative(),
  /** The git tree that Work left; Publish must arrive at the same one. */
  treeId: z.string().regex(/^[0-9a-f]{40,64}$/),
  files: z.number().int(),
  additions: z.number().int(),
  deletions: z.number().int(),
});
export type PatchFacts = z.infer<typeof PatchFacts>;

/**
 * How Work ended in a round. `partial`: a limit stopped it, the patch so far is kept.
 * changed and partial have a patch; unchanged, failed and cancelled may have none.
 */
export const Ending = z.enum(["changed", "unchanged", "partial", "failed", "cancelled"]);
export type Ending = z.infer<typeof Ending>;

export const MAX_BY_ITSELF = 10;
export const RunsByItself = z.array(z.string()).max(MAX_BY_ITSELF);

/** `outcome.json`: put-if-none-match, written last, the commit point of a round. */
export const Outcome = z.object({
  jobId: JobId,
  repository: RepositoryName,
  round: z.number().int().positive(),
  attempt: z.number().int().positive(),
  ending: Ending,
  reason: Reason.optional(),
  verdict: Verdict.optional(),
  patch: PatchFacts.optional(),
  /** Of the setup command, as the last attempt ran it. */
  setup: CommandResult.optional(),
  verification: CommandResult.optional(),
  /** Why this may only become a patch, never a PR (a protected path, a secret). */
  patchOnly: Reason.optional(),
  /** Paths of the patch that run by themselves; the first of them. */
  runsByItself: RunsByItself.optional(),
  /** How many there are, once it has no room for more. */
  runsByItselfCount: z.number().int().optional(),
  model: z.string(),
  /** Of this round, over all its attempts. */
  turns: z.number().int().nonnegative(),
  /** Over all rounds of this repo run. */
  totals: Totals,
  /** The verdict's words come from the scripted model and must be shown as such. */
  scripted: z.boolean(),
  startedAt: Timestamp,
  endedAt: Timestamp,
});
export type Outcome = z.infer<typeof Outcome>;
