import type { JobRecord } from "../jobs/job-record.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { isOpenNow } from "../jobs/run-pull-request.ts";

type Mark = { jobId: string; written: Record<string, string>; version: string };

export type WriteSectionsDeps = {
  dueSections(by: Date): AsyncIterable<Mark[]>;
  readJob(jobId: string): Promise<JobRecord | undefined>;
  /** Which repositories everyone may read now, of those that the texts of these runs name only then. It asks GitHub. */
  publicNow(record: JobRecord, runs: readonly RepoRun[]): Promise<ReadonlySet<string>>;
  /** Changes with what the text of a run's pull request should say of the set. */
  digestOf(record: JobRecord, run: RepoRun, publicNow: ReadonlySet<string>): string;
  /** On GitHub, with the rights of Publish. What it throws is tried again by a later pass. */
  write(record: JobRecord, run: RepoRun, publicNow: ReadonlySet<string>): Promise<void>;
  keepSections(mark: Mark, written: Record<string, string>): Promise<void>;
  now(): Date;
  isOver(): boolean;
  log(line: string): void;
};

/**
 * Brings the texts of open pull requests in line with how the others of their job stand. Only what reads otherwise than
 * what was written last is written; a job that fails stays on the list, and keeps no other waiting.
 */
export async function writeSections(deps: WriteSectionsDeps): Promise<{ written: number; failed: number }> {
  const result = { written: 0, failed: 0 };
  for await (const marks of deps.dueSections(deps.now()))
    for (const mark of marks) {
      if (deps.isOver()) return result;
      try {
        const record = await deps.readJob(mark.jobId);
        const written = { ...mark.written };
        const open = record?.runs.filter((run) => run.pullRequest && isOpenNow(run)) ?? [];
        const publicNow = record && open.length > 0 ? await deps.publicNow(record, open) : new Set<string>();
        for (const run of open) {
          const digest = deps.digestOf(record!, run, publicNow);
          if (written[run.repository] === digest) continue;
          await deps.write(record!, run, publicNow);
          written[run.repository] = digest;
          result.written += 1;
        }
        await deps.keepSections(mark, written);
      } catch (error) {
        result.failed += 1;
        deps.log(`the texts of ${mark.jobId} are written again: ${error}`);
      }
    }
  return result;
}
