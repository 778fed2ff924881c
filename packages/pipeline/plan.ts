import type { PlannedRun, RoundRef } from "../jobs/execution.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { type Inspection, needsInspection, type Opening, openedRun, stepOf } from "./opening.ts";

export type PlanDeps = {
  readJob(jobId: string): Promise<JobRecord | undefined>;
  /** Puts the row if it is absent or of an earlier round; returns the row that stands. */
  openRun(run: RepoRun): Promise<RepoRun>;
  inspect(repository: string, wish: { baseBranch?: string }): Promise<Inspection>;
  now(): Date;
};

/** What the Map runs over. */
export type Plan = RoundRef & { runs: PlannedRun[] };

/**
 * The Plan state: looks at all repositories of the round at once, before any model spend. Bad ones end here, each with
 * its reason; the good ones go on with their base commit pinned. Repeating it changes nothing that has been opened.
 */
export async function plan(deps: PlanDeps, ref: RoundRef): Promise<Plan> {
  const record = await deps.readJob(ref.jobId);
  const round = record?.rounds.find((one) => one.round === ref.round);
  if (!record || !round) throw new Error(`There is no round ${ref.round} of job ${ref.jobId}.`);

  const runs = await Promise.all(
    round.repositories.map(async (repository) => {
      const previous = record.runs.find((run) => run.repository === repository);
      if (previous && previous.round >= ref.round) return previous;
      const opening: Opening = { job: record.job, round, repository, previous, at: deps.now().toISOString() };
      const inspection = needsInspection(opening) ? await look(deps, opening) : undefined;
      return deps.openRun(openedRun(opening, inspection));
    }),
  );
  return {
    ...ref,
    runs: runs.map((run) => ({
      ...ref,
      repository: run.repository,
      step: run.round === ref.round ? stepOf(run) : "end",
    })),
  };
}

/** One repository that GitHub does not answer for must not hold up the others: it ends with a reason of its own. */
async function look(deps: PlanDeps, { job, repository }: Opening): Promise<Inspection> {
  const { baseBranch } = job.options;
  try {
    return await deps.inspect(repository, baseBranch === undefined ? {} : { baseBranch });
  } catch (error) {
    return {
      ok: false,
      reason: {
        code: "github",
        message: `GitHub could not be asked about ${repository}: ${String(error instanceof Error ? error.message : error).slice(0, 300)}`,
        nextStep: "Press Retry failed in a minute; if it stays so, ask whoever runs Cody.",
      },
    };
  }
}
