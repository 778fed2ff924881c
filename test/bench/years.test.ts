import { expect, it } from "vitest";
import { readRecent } from "../../packages/views/history/home-data.ts";
import { readHomeState } from "../../packages/views/history/home-state.ts";
import { looksOf, openYears, spentOn } from "./years.ts";

/** Read units, where 400 jobs of three repositories lie in half a year: none of it grows with what is older. */
const MOST_UNITS: Record<string, number> = {
  Home: 800,
  "Home, my jobs": 950,
  "Home, a repository": 1_000,
  "Home, a text that no job has": 1_100,
  "Home, a state that no job is in": 1_600,
  // 400 jobs, and their runs at half the price.
  "/cody report": 1_010,
  "/cody schedules": 20,
  campaigns: 6,
  "the sweeper": 1,
};

it("years of jobs: each view reads what it shows and scans nothing, and pages lead through all of them", async () => {
  const world = await openYears({ jobs: 400, years: 0.5, schedules: 10, campaigns: 20 });
  world.answers.takeMs = 0;
  for (const [name, look] of Object.entries(looksOf(world))) {
    const { readUnits, writes } = await spentOn(world, look);
    expect(readUnits, name).toBeGreaterThan(0);
    expect(readUnits, name).toBeLessThanOrEqual(MOST_UNITS[name]!);
    expect(writes, name).toBe(0);
  }
  const found: string[] = [];
  const state = { ...readHomeState(undefined), pages: [] as string[] };
  for (let after: string | undefined = ""; after !== undefined; ) {
    const { recent, older }: Awaited<ReturnType<typeof readRecent>> = await readRecent(
      world,
      { teamId: "T1", userId: "U1" },
      state,
    );
    found.push(...recent.map(({ job }) => job.jobId));
    after = older;
    if (after !== undefined) state.pages = [after];
  }
  expect([found.length, new Set(found).size]).toEqual([400, 400]);
});
