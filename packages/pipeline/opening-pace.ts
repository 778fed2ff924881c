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

type Of = { teamId: string; repository: string };

/** How fast pull requests are opened in repositories. */
export function createOpeningPace({ runsOfRepository, takeSlot }: Rows, limits: OpeningLimits, now: () => Date) {
  const rateOf = async (of: Of) => openingRate((await runsOfRepository(of, { limit: NEWEST })).items, limits);
  return {
    /** Whether fewer are open than may be. */
    hasRoom: async (of: Of): Promise<boolean> => (await rateOf(of)) !== undefined,
    /** Whether one more may be opened now. A yes takes one of its slots, in a row that all campaigns share. */
    async mayOpen(of: Of): Promise<boolean> {
      const rate = await rateOf(of);
      if (!rate) return false;
      const limit = `open ${of.repository.toLowerCase()}`;
      return (await takeSlot(limit, { ...rate, now: now().getTime(), withinMs: 0 })) !== undefined;
    },
  };
}
