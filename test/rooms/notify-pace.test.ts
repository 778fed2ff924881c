import { describe, expect, it } from "vitest";
import { createPace } from "../../packages/notify/pace.ts";

/** A clock that jumps as far as somebody sleeps. */
function clocked() {
  let at = 0;
  const now = () => at;
  const pass = (ms: number) => {
    at += ms;
  };
  return { now, pass, pace: createPace({ now, sleep: async (ms) => pass(ms) }) };
}

describe("one bucket for the whole workspace", () => {
  it("a job alone is shown every two seconds; fifty wait longer, each by its share", () => {
    const { pace } = clocked();
    expect(pace.msBetween("job 1")).toBe(2_000);
    for (let i = 2; i <= 50; i++) pace.msBetween(`job ${i}`);
    expect(pace.msBetween("job 1")).toBeCloseTo((50 * 60_000) / 45);
  });

  it("jobs that show nothing any more make room", () => {
    const { pace, pass } = clocked();
    for (let i = 1; i <= 50; i++) pace.msBetween(`job ${i}`);
    pass(61_000);
    expect(pace.msBetween("job 1")).toBe(2_000);
  });

  it("never more than fifty updates a minute, and no ending is left out for progress", async () => {
    const { pace, pass, now } = clocked();
    const shown: number[] = [];
    let progress = 0;
    for (let second = 0; second < 120; second++) {
      for (let job = 0; job < 20; job++) {
        if (!(await pace.mayUpdate(`job ${job}`, false))) continue;
        progress += 1;
        shown.push(now());
      }
      if (second % 5 === 0) {
        expect(await pace.mayUpdate(`ending ${second}`, true)).toBe(true);
        shown.push(now());
      }
      pass(1_000);
    }
    expect(progress).toBeGreaterThan(40);
    for (const from of shown) {
      const within = shown.filter((at) => at > from + 10_000 && at <= from + 70_000).length;
      expect(within).toBeLessThanOrEqual(50);
    }
  });

  it("many endings at once are all shown, one after the other", async () => {
    const { pace, now } = clocked();
    for (let i = 0; i < 50; i++) expect(await pace.mayUpdate(`job ${i}`, true)).toBe(true);
    expect(now()).toBeGreaterThan(40_000);
    expect(now()).toBeLessThan(60_000);
  });

  it("posts in a channel are a second apart, in another one they do not wait", async () => {
    const { pace, now } = clocked();
    for (let i = 0; i < 5; i++) await pace.untilPost("C1");
    expect(now()).toBe(4_000);
    await pace.untilPost("C2");
    expect(now()).toBe(4_000);
  });
});
