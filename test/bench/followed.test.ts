import { describe, expect, it } from "vitest";
import { MERGE_LOOK_QUERY } from "../../packages/github/merge-query.ts";
import { PULL_REQUESTS_QUERY } from "../../packages/github/pull-request-query.ts";
import { REVIEW_QUERY } from "../../packages/github/review-query.ts";
import { pointsOf } from "../github/graphql-points.ts";
import { DAYS } from "./followed.ts";
import { followedDay } from "./followed-day.ts";
import { MINUTE, openFollowed } from "./followed-world.ts";

describe("what open pull requests cost", () => {
  it("fifty of them are two points of the hour's 5,000, everything else one", () => {
    const ids = Array.from({ length: 50 }, (_, i) => `id ${i}`);
    expect(pointsOf(PULL_REQUESTS_QUERY, { ids })).toBe(2);
    expect([REVIEW_QUERY, MERGE_LOOK_QUERY].map((query) => pointsOf(query, { id: "id" }))).toEqual([1, 1]);
  });

  it("a quiet day of one keeps its budget of calls", async () => {
    const { day, goal } = DAYS.find(({ name }) => name === "quiet")!;
    const calls = await followedDay({ jobs: 10, ...day });
    expect(calls.graphql).toBeGreaterThan(0);
    for (const what of ["graphql", "points", "rest"] as const) expect(calls[what]).toBeLessThanOrEqual(goal[what]);
  });

  it("what people wrote about many waits for the looks, and is known of all within minutes", async () => {
    await using world = await openFollowed({ pulls: 4 });
    const { runs, forge, place, clock, calls, watch, store } = world;
    for (const run of runs) await world.open(run);
    for (const at of runs.map(place)) {
      at.repository.people = { ada: "write", bo: "write" };
      for (const author of ["ada", "bo"]) forge.admin.acts.comment(at, { author, path: "NEWS", line: 1, body: "Why?" });
    }
    const unread = async () => {
      const rows = await Promise.all(runs.map((run) => store.readRun(run)));
      return rows.filter((row) => row?.pullRequestStatus?.unanswered !== 2).length;
    };
    for (let minute = 1; minute <= 6 && (await unread()) > 0; minute += 1) {
      clock.now += MINUTE;
      await watch();
      // Half of the fifty that may go at once is for looks alone.
      if (minute === 1) expect(calls.graphql + calls.rest).toBeLessThanOrEqual(30);
    }
    expect(await unread()).toBe(0);
  });
});
