import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";
import { Timestamp } from "./job.ts";
import { Reason } from "./reasons.ts";
import { Totals } from "./usage.ts";

/** What the model reported at the end, as it is stored. */
export const Verdict = z.object({
  /** Also true when the change was necessary and could not be made. */
  wereChangesNecessary: z.boolean(),
  /** What is missing, where the change could not be made. */
  blockedBy: z.string().min(1).max(1_000).optional(),
  summary: z.string().min(1).max(3_000),
  evidence: z.array(z.object({ path: z.string().max(500), note: z.string().max(1_000) })).max(20),
  pullRequestTitle: z.string().max(200),
  pullRequestBody: z.string().max(20_000),
});
export type Verdict = z.infer<typeof Verdict>;

type VerdictKind = "changed" | "not-needed" | "blocked";

export const kindOfVerdict = ({ wereChangesNecessary, blockedBy }: Verdict): VerdictKind =>
  blockedBy !== undefined ? "blocked" : wereChangesNecessary ? "changed" : "not-needed";

/** As the heading of what was found. */
export const VERDICT_WORDS: Record<VerdictKind, string> = {
  changed: "Changes were necessary",
  "not-needed": "No changes were necessary",
  blocked: "Changes were necessary, and could not be made",
};

export const CommandResult = z.object({
  command: z.string(),
  /** null: it was ended by a time-out or a signal. */
  exitCode: z.number().int().nullable(),
  timedOut: z.boolean(),
  durationMs: z.number().nonnegative(),
  /** Why it could not be run at all: then there is no exit code either. */
  notRun: z.string().max(500).optional(),
  /** The last lines of its output, cut and redacted. */
  tail: z.string(),
});
export type CommandResult = z.infer<typeof CommandResult>;

/** "passed", "failed with exit code 1": how it ended, to stand behind the command. */
export function commandEndWords({ exitCode, timedOut, notRun }: CommandResult): string {
  if (notRun !== undefined) return "could not run";
  if (timedOut) return "timed out";
  if (exitCode === null) return "was ended by a signal";
  return exitCode === 0 ? "passed" : `failed with exit code ${exitCode}`;
}

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
 * How Work ended in a round. `partial`: a limit stopped it, the patch so far is kept. `blocked`: something is missing
 * that only a person can provide; a patch is kept too, and never published. changed and partial have a patch; the others
 * may have none.
 */
export const Ending = z.enum(["changed", "unchanged", "partial", "blocked", "failed", "cancelled"]);
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
  /** The result of the setup command, as the last attempt ran it. */
  setup: CommandResult.optional(),
  verification: CommandResult.optional(),
  /** Why this may only become a patch, never a PR (a protected path, a secret). */
  patchOnly: Reason.optional(),
  /** Paths of the patch that run by themselves; the first of them. */
  runsByItself: RunsByItself.optional(),
  /** How many there are, once it has no space for more. */
  runsByItselfCount: z.number().int().optional(),
  model: z.string(),
  /** Turns of this round, over all its attempts. */
  turns: z.number().int().nonnegative(),
  /** Over all rounds of this repo run. */
  totals: Totals,
  /** The verdict's words come from the scripted model and must be shown as such. */
  scripted: z.boolean(),
  startedAt: Timestamp,
  endedAt: Timestamp,
});
export type Outcome = z.infer<typeof Outcome>;

/** `why` follows "not verified"; `nextStep` says how to come to a pull request that is ready. */
export type Unverified = { why: string; nextStep: string };

const LOOK = "or mark it ready on GitHub once you have looked at it";

/** Pure: why this change is not a checked one. undefined: the job's check passed on it. */
export function whyUnverified(
  verifyCommand: string | undefined,
  verification: CommandResult | undefined,
): Unverified | undefined {
  if (verification?.exitCode === 0) return undefined;
  if (verification?.notRun !== undefined)
    return {
      why: "the check could not run here",
      nextStep: `Run Cody where commands have a sandbox, ${LOOK}.`,
    };
  if (verification)
    return {
      why: verification.timedOut ? "the check ran out of time" : "the check failed",
      nextStep: `Refine it in the thread until the check passes, ${LOOK}.`,
    };
  return verifyCommand === undefined
    ? { why: "no check was given", nextStep: `Give one when you start a job, ${LOOK}.` }
    : { why: "the check did not run", nextStep: `Press Retry, ${LOOK}.` };
}
