import type { RepoRun } from "../packages/jobs/repo-run.ts";
import { plural } from "../packages/text/counts.ts";
import { capitalised } from "../packages/text/lines.ts";
import { aboutDollars, dollars } from "../packages/text/money.ts";
import type { OfferedModel } from "../packages/views/model-menu.ts";
import type { SlackDeps, Who } from "./deps.ts";
import { priceBeside } from "./offered-models.ts";

const PAST_JOBS = 50;
const KEPT_MS = 10 * 60_000;
/** While a workspace is new its numbers change with every job. */
const KEPT_WHEN_FEW_MS = 15_000;
const FEW = 20;
const MAX_TEAMS = 100;

/** What repositories have cost: runs that asked the model and whose price is known. */
export type PastCosts = readonly { model: string; usd: number }[];

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A model that has run so often is estimated by its own runs, another by all runs and what it costs beside theirs. */
const ENOUGH = 3;

type Typical = { usd: number; runs: number; of: "this model" | "other models" };

/** What a repository mostly costs with a model. undefined: nothing is known that it could be made from. */
function typicalCost(costs: PastCosts, model: string): Typical | undefined {
  const own = costs.filter((one) => one.model === model).map(({ usd }) => usd);
  const scaled = costs.flatMap((one) => {
    const share = one.model === model ? 1 : priceBeside(model, one.model);
    return share === undefined ? [] : [one.usd * share];
  });
  const isOwn = own.length >= ENOUGH || own.length === scaled.length;
  const numbers = isOwn ? own : scaled;
  const usd = median(numbers);
  return usd === undefined ? undefined : { usd, runs: numbers.length, of: isOwn ? "this model" : "other models" };
}

function basisWords({ runs, of }: Typical, model: string): string {
  const last = runs === 1 ? "the only run so far" : `the median of the last ${plural(runs, "run")}`;
  return of === "this model" ? `${last} with ${model}` : `${last} and the price of ${model}`;
}

/** One sentence for the form; empty while nothing is chosen. */
export function estimateOf(
  costs: PastCosts,
  { repositories, model, capUsd }: { repositories: number; model: string; capUsd: number },
): string {
  if (repositories === 0) return "";
  const typical = typicalCost(costs, model);
  if (!typical) return "No estimate yet: nothing has run here that one could be made from.";
  const about = typical.usd * repositories;
  const over = about > capUsd ? ` That is more than the cost limit of ${dollars(capUsd)}.` : "";
  return `${capitalised(aboutDollars(about))} for ${plural(repositories, "repository", "repositories")}, by ${basisWords(typical, model)}.${over}`;
}

/** The same models, each with what a job like the last ones costs with it, where that is known. */
export const priced = (models: readonly OfferedModel[], costs: PastCosts): OfferedModel[] =>
  models.map((model) => {
    const typical = typicalCost(costs, model.id);
    if (!typical) return model;
    return { ...model, price: `${capitalised(aboutDollars(typical.usd))} a repository for a job like the last ones` };
  });

/** Past costs of a workspace, read once in ten minutes. */
export function createPastCosts({ store, now }: Pick<SlackDeps, "store" | "now">) {
  const kept = new Map<string, { costs: Promise<PastCosts>; until: number }>();

  async function load(teamId: string): Promise<PastCosts> {
    const { items } = await store.jobsOfTeam(teamId, { limit: PAST_JOBS });
    const models = new Map(items.map(({ jobId, options }) => [jobId, options.model]));
    const isPriced = (run: RepoRun) => run.turns > 0 && run.spendUsd !== null && run.spendUsd > 0;
    return (await store.runsOfJobs(items))
      .filter(isPriced)
      .map((run) => ({ model: models.get(run.jobId) ?? "", usd: run.spendUsd! }));
  }

  return ({ teamId }: Who): Promise<PastCosts> => {
    const found = kept.get(teamId);
    if (found && now().getTime() < found.until) return found.costs;
    if (kept.size >= MAX_TEAMS) kept.clear();
    const costs = load(teamId);
    const entry = { costs, until: now().getTime() + KEPT_MS };
    kept.set(teamId, entry);
    costs.then(
      ({ length }) => {
        if (length < FEW) entry.until = now().getTime() + KEPT_WHEN_FEW_MS;
      },
      () => kept.delete(teamId),
    );
    return costs;
  };
}
