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
  /** In a round on a review: what is said to people, by the id of what they wrote. */
  replies: z
    .array(z.object({ thread: z.string().max(200), body: z.string().max(2_000) }))
    .max(50)
    .optional(),
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
  /** What is shown of its output: head, tail, and the lines that name failures; redacted. */
  tail: z.string(),
});
export type CommandResult = z.infer<typeof CommandResult>;

/** A command of the job that runs now, as its row tells people. */
export const RunningCommand = z.object({
  doing: z.enum(["setup", "baseline", "check"]),
  command: z.string().max(300),
  startedAt: Timestamp,
  /** The end of its output so far, whole lines; redacted. */
  tail: z.string().max(2_000),
});
export type RunningCommand = z.infer<typeof RunningCommand>;

/** "passed", "failed with exit code 1": how it ended, to stand behind the command. */
export function commandEndWords({ exitCode, timedOut, notRun }: CommandResult): string {
  if (notRun !== undefined) return "could not run";
  if (timedOut) return "timed out";
  if (exitCode === null) return "was ended by a signal";
  return exitCode === 0 ? "passed" : `failed with exit code ${exitCode}`;
}

/** It says nothing about the tree: the machine could not run it, or a shell found no such program, or none that runs. */
export const couldNotRun = ({ exitCode, notRun }: CommandResult) =>
  notRun !== undefined || exitCode === 126 || exitCode === 127;

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
 * that only a person can provide; a patch is kept too, and never published. `skipped`: there was nothing to do, and no
 * model was asked; what earlier rounds left stays. changed and partial have a patch; the others may have none.
 */
export const Ending = z.enum(["changed", "unchanged", "partial", "blocked", "failed", "cancelled", "skipped"]);
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
