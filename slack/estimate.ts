import type { RepoRun } from "../packages/jobs/repo-run.ts";
import { plural } from "../packages/text/counts.ts";
import { dollars } from "../packages/text/money.ts";
import type { SlackDeps, Who } from "./deps.ts";

const PAST_JOBS = 50;
const KEPT_MS = 10 * 60_000;
/** While a workspace is new its numbers change with every job. */
const KEPT_WHEN_FEW_MS = 15_000;
const FEW = 20;
const MAX_TEAMS = 100;

/** What a repository has cost: runs that asked the model and whose price is known. */
export type PastCosts = { all: number[]; byModel: Map<string, number[]> };

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A model that has run so often is estimated by its own runs, another by all runs. */
const ENOUGH = 3;

function costsOf(runs: readonly RepoRun[], modelOf: (jobId: string) => string): PastCosts {
  const priced = runs.filter((run) => run.turns > 0 && run.spendUsd !== null && run.spendUsd > 0);
  const byModel = Map.groupBy(priced, (run) => modelOf(run.jobId));
  const costs = (of: readonly RepoRun[]) => of.map((run) => run.spendUsd!);
  return { all: costs(priced), byModel: new Map([...byModel].map(([model, of]) => [model, costs(of)])) };
}

/** One sentence for the form; empty while nothing is chosen. */
export function estimateOf(
  costs: PastCosts,
  { repositories, model, capUsd }: { repositories: number; model: string; capUsd: number },
): string {
  if (repositories === 0) return "";
  const ofModel = costs.byModel.get(model) ?? [];
  const numbers = ofModel.length >= ENOUGH ? ofModel : costs.all;
  const typical = median(numbers);
  if (typical === undefined) return "No estimate yet: nothing has run here that one could be made from.";
  const about = typical * repositories;
  const what = ofModel.length >= ENOUGH ? ` with ${model}` : "";
  const over = about > capUsd ? ` That is more than the cost limit of ${dollars(capUsd)}.` : "";
  return `About ${dollars(about)}: ${plural(repositories, "repository", "repositories")} at ${dollars(typical)}, the median of the last ${plural(numbers.length, "run")}${what}.${over}`;
}

/** Past costs of a workspace, read once in ten minutes. */
export function createPastCosts({ store, now }: Pick<SlackDeps, "store" | "now">) {
  const kept = new Map<string, { costs: Promise<PastCosts>; until: number }>();

  async function load(teamId: string): Promise<PastCosts> {
    const { items } = await store.jobsOfTeam(teamId, { limit: PAST_JOBS });
    const models = new Map(items.map(({ jobId, options }) => [jobId, options.model]));
    return costsOf(await store.runsOfJobs(items), (jobId) => models.get(jobId) ?? "");
  }

  return ({ teamId }: Who): Promise<PastCosts> => {
    const found = kept.get(teamId);
    if (found && now().getTime() < found.until) return found.costs;
    if (kept.size >= MAX_TEAMS) kept.clear();
    const costs = load(teamId);
    const entry = { costs, until: now().getTime() + KEPT_MS };
    kept.set(teamId, entry);
    costs.then(
      ({ all }) => {
        if (all.length < FEW) entry.until = now().getTime() + KEPT_WHEN_FEW_MS;
      },
      () => kept.delete(teamId),
    );
    return costs;
  };
}
