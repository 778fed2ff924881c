import { type OpeningLimits, openingRate } from "../jobs/opening-pace.ts";
import type { RepoRun } from "../jobs/repo-run.ts";

/** So many of the newest runs in a repository are looked at. */
const NEWEST = 100;

type Rows = {
  runsOfRepository(of: { teamId: string; repository: string }, page: { limit: number }): Promise<{ items: RepoRun[] }>;
  takeSlot(
    limit: string,
    rate: { everyMs: number; burst: number; now: number; withinMs: number },
  ): Promise<number | undefined>;
};

/**
 * Whether one more pull request may be opened in a repository now. A yes takes one of its slots, in a row that all
 * campaigns share.
 */
export const createOpeningPace =
  ({ runsOfRepository, takeSlot }: Rows, limits: OpeningLimits, now: () => Date) =>
  async (of: { teamId: string; repository: string }): Promise<boolean> => {
    const { items } = await runsOfRepository(of, { limit: NEWEST });
    const rate = openingRate(items, limits);
    if (!rate) return false;
    const limit = `open ${of.repository.toLowerCase()}`;
    return (await takeSlot(limit, { ...rate, now: now().getTime(), withinMs: 0 })) !== undefined;
  };
