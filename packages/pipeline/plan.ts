import { DELIVERIES } from "../jobs/deliveries.ts";
import type { PlannedRun, RoundRef } from "../jobs/execution.ts";
import type { Job } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { because, hasCode, type Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import type { RepositorySettings } from "../jobs/repository-settings.ts";
import { formSettings, resolveSettings, type SettingsSources } from "../jobs/resolve-settings.ts";
import type { SavedSettings } from "../jobs/team.ts";
import { chooseImage, type OfferedImages } from "./choose-image.ts";
import { type Inspection, needsInspection, type Opening, openedRun, publishesAtOnce, stepOf } from "./opening.ts";
import { type Other, repeatOf, repeatsOpen } from "./repeats.ts";
import { type Alike, alikeHere } from "./unfinished-alike.ts";

/** What GitHub is asked about a repository. */
type InspectRequest = {
  baseBranch?: string;
  /** By number: whether they are still open. */
  pullRequests?: number[];
  /** The job may change workflows: may the token? */
  mayChangeCi?: boolean;
};

export type PlanDeps = {
  readJob(jobId: string): Promise<JobRecord | undefined>;
  /** Puts the row if it is absent or of an earlier round; returns the row that stands. */
  openRun(run: RepoRun): Promise<RepoRun>;
  inspect(repository: string, request: InspectRequest): Promise<Inspection>;
  /** What people saved for the repository in Slack. Absent: nothing is saved. */
  readSettings?(of: { teamId: string; repository: string }): Promise<SavedSettings | undefined>;
  /** What the base commit itself says and suggests. Absent: nothing. */
  findSettings?(repository: string, commit: string): Promise<Pick<SettingsSources, "file" | "suggested" | "note">>;
  /** What settings may choose. Absent: nothing, and what they name is not on the list. */
  images?: OfferedImages;
  /** Pull requests of other jobs in the repository. Absent: jobs that repeat each other are not noticed. */
  othersIn?(job: Job, repository: string): Promise<Other[]>;
  /** Jobs for the same task that have not ended. Absent: they are not noticed. */
  unfinishedAlike?(job: Job): Promise<Alike[]>;
  /** Why a round may not begin by itself in a person's name. Absent: it may. Throws where GitHub does not say. */
  requesterRefusal?(of: { userId: string; repository: string }): Promise<Reason | undefined>;
  /** A sentence about a model that ends. Absent: nothing is known of models. */
  modelWarning?(model: string): string | undefined;
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

  const alike = round.kind === "first" ? ((await deps.unfinishedAlike?.(record.job)) ?? []) : [];
  const modelWarning = deps.modelWarning?.(record.job.options.model);
  const runs = await Promise.all(
    round.repositories.map(async (repository) => {
      const previous = record.runs.find((run) => run.repository === repository);
      if (previous && previous.round >= ref.round) return previous;
      const opening: Opening = { job: record.job, round, repository, previous, at: deps.now().toISOString() };
      if (!needsInspection(opening)) return deps.openRun(openedRun(opening));
      const refused = round.byItself && (await refusalNow(deps, { userId: round.requestedBy, repository }));
      if (refused) return deps.openRun(openedRun(opening, { ok: false, reason: refused }));
      const saved = (await deps.readSettings?.({ teamId: record.job.teamId, repository }))?.settings;
      const said = { form: formSettings(record.job.options, repository), saved };
      const { inspection, alsoOpen } = await look(deps, opening, said.form.baseBranch ?? saved?.baseBranch);
      const alikeUnfinished = inspection.ok ? alikeHere(alike, { repository, ...inspection }) : [];
      return deps.openRun({
        ...(await withSettings(deps, openedRun(opening, inspection), said)),
        ...(alsoOpen.length > 0 && { alsoOpen }),
        ...(alikeUnfinished.length > 0 && { alikeUnfinished }),
        ...(modelWarning !== undefined && { modelWarning }),
      });
    }),
  );
  return {
    ...ref,
    runs: runs.map((run) => {
      const image = run.settings?.image?.value;
      return {
        ...ref,
        repository: run.repository,
        step: run.round === ref.round ? stepOf(run) : "end",
        ...(image !== undefined && { image }),
      };
    }),
  };
}

/** The rights of a press are asked for at the press; without one they are asked for here, before anything is spent. */
async function refusalNow({ requesterRefusal }: PlanDeps, of: { userId: string; repository: string }) {
  try {
    return await requesterRefusal?.(of);
  } catch (error) {
    return because("github", of.repository, error);
  }
}

type Looked = { inspection: Inspection; alsoOpen: { number: number; url: string }[] };

/** One repository that GitHub does not answer for must not hold up the others: it ends with a reason of its own. */
async function look(deps: PlanDeps, opening: Opening, baseBranch: string | undefined): Promise<Looked> {
  const { job, repository, previous } = opening;
  const { mayChangeCi } = job.options;
  const others = await othersOf(deps, opening);
  try {
    const numbers = [...(previous?.pullRequest ? [previous] : []), ...others].map(
      ({ pullRequest }) => pullRequest!.number,
    );
    const ask = (branch = baseBranch) =>
      deps.inspect(repository, {
        ...(branch !== undefined && { baseBranch: branch }),
        ...(numbers.length > 0 && { pullRequests: numbers }),
        ...(mayChangeCi && { mayChangeCi }),
      });
    // A patch that only waits to be published stays with its branch, as long as there is one.
    const kept = publishesAtOnce(opening) ? await ask(previous?.baseBranch) : undefined;
    const isGone = kept?.ok === false && hasCode(kept.reason, "base-branch-missing");
    const inspection = kept && !isGone ? kept : await ask();
    if (!inspection.ok) return { inspection, alsoOpen: [] };
    const { same, open } = repeatOf(job, others, { ...inspection, states: inspection.pullRequests ?? {} });
    const alsoOpen = open.slice(0, 3).map(({ pullRequest: { number, url } }) => ({ number, url }));
    return same
      ? { inspection: { ok: false, reason: repeatsOpen(repository, same) }, alsoOpen: [] }
      : { inspection, alsoOpen };
  } catch (error) {
    return { inspection: notAnswered(repository, error), alsoOpen: [] };
  }
}

/**
 * What Work and Publish go by in this round, from the run's own base commit. It is resolved anew in each round that asks
 * the model: what was saved meanwhile counts.
 */
async function withSettings(
  { findSettings, now, images = [] }: Pick<PlanDeps, "findSettings" | "images" | "now">,
  run: RepoRun,
  said: { form: RepositorySettings; saved: RepositorySettings | undefined },
): Promise<RepoRun> {
  if (stepOf(run) !== "work") return run;
  const failed = (reason: Reason): RepoRun => ({ ...run, state: "failed", reason, endedAt: now().toISOString() });
  try {
    const found = await findSettings?.(run.repository, run.baseCommit!);
    const { settings, reason } = chooseImage(resolveSettings({ ...said, ...found }), images);
    return settings ? { ...run, settings } : failed(reason);
  } catch (error) {
    return failed(because("github", run.repository, error));
  }
}

/** A first round only: a person who retries or follows up has seen what there is. */
const othersOf = async ({ othersIn }: PlanDeps, { job, round, repository }: Opening): Promise<Other[]> =>
  round.kind !== "first" || DELIVERIES[job.options.delivery].next === "patch-ready"
    ? []
    : ((await othersIn?.(job, repository)) ?? []);

const notAnswered = (repository: string, error: unknown): Inspection => ({
  ok: false,
  reason: because("github", repository, error),
});
