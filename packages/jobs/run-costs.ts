import type { RepoRun } from "./repo-run.ts";
import { hasEnded } from "./states.ts";
import { type Lost, type Totals, withLost } from "./usage.ts";

/** Once no runner waits for the answer of a request any more, it is lost too. */
export const lostOf = ({ state, lost, asking }: Pick<RepoRun, "state" | "lost" | "asking">): Lost | undefined =>
  hasEnded(state) ? withLost(lost, asking) : lost;

/** What of a run counts against its job's cost limit. */
export type CountedRun = Pick<RepoRun, "repository" | "state" | "spendUsd" | "lost" | "asking">;

/**
 * US dollars that count against the cost limit: what was paid, and an estimate of what was lost. No known price is nothing.
 */
export const costOfRun = (run: Omit<CountedRun, "repository">) => (run.spendUsd ?? 0) + (lostOf(run)?.usd ?? 0);

/** What a later round counts on top of. */
export function totalsSoFar({ turns, usage, spendUsd, lost, asking }: RepoRun): Totals {
  const all = withLost(lost, asking);
  return { turns, usage, spendUsd, ...(all && { lost: all }) };
}
