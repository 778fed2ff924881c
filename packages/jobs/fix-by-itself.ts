import { dollarsLeft, type JobRecord } from "./job-record.ts";
import { nextRound, offers } from "./offers.ts";
import { hasCode } from "./reasons.ts";
import { beganAnewIn } from "./repo-run.ts";
import type { Round } from "./round.ts";

/** How often the job's option has failing checks of one pull request fixed. */
export const MAX_FIX_ROUNDS = 2;

const SAW_NONE = ["checks-running", "github", "github-unavailable", "github-rate-limit"] as const;

/**
 * Pure: the round that the job's option asks for now; undefined: none. It takes what the button would take, each commit
 * once, and stops after so many; a person who cancelled anything here, or an empty cost limit, stops it as well.
 */
export function fixByItself(record: JobRecord, repository: string, at: string): Round | undefined {
  const { job, rounds } = record;
  if (!job.options.fixChecks || job.cancel["*"] || job.cancel[repository]) return undefined;
  const run = offers(record).rounds["fix-checks"].find((one) => one.repository === repository);
  const commit = run?.pullRequest?.commit;
  if (!run || commit === undefined || dollarsLeft(record) <= 0) return undefined;
  const since = beganAnewIn(run) ?? 0;
  const fixes = rounds.filter(
    ({ kind, round, repositories }) => kind === "fix-checks" && round >= since && repositories.includes(repository),
  );
  // One that was run again meanwhile has not been looked at, and neither has any that GitHub did not tell.
  const sawNone = (round: number) => run.round === round && SAW_NONE.some((code) => hasCode(run.reason, code));
  if (fixes.some(({ checks, round }) => checks?.[repository]?.head === commit && !sawNone(round))) return undefined;
  if (fixes.filter(({ byItself }) => byItself).length >= MAX_FIX_ROUNDS) return undefined;
  const asked = nextRound(record, { kind: "fix-checks", repositories: [repository], by: job.userId, at });
  return { ...asked, byItself: true };
}
