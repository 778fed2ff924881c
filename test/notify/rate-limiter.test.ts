import { describe, expect, it } from "vitest";
import { createRateLimiter } from "../../packages/notify/rate-limiter.ts";
import { jumpingClock } from "../local/jumping-clock.ts";
import { openStore, slotsOf } from "../slack/world.ts";

const { store } = openStore();
/** One table and one clock for as many processes as a test wants. */
function processesOver(clock: ReturnType<typeof jumpingClock>) {
  const slots = clock.watched(slotsOf(store));
  return {
    aProcess: ({ sleep = clock.sleep } = {}) => createRateLimiter({ slots, now: clock.nowMs, sleep }),
    ago: (ms: number) => new Date(clock.nowMs() - ms).toISOString(),
  };
}

const most = (times: readonly number[], withinMs: number) =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + withinMs).length));

describe("progress of a job", () => {
  it("comes every three seconds from the submit on; a card that was posted late catches up", () => {
    using clock = jumpingClock();
    const { aProcess, ago } = processesOver(clock);
    const rateLimiter = aProcess();
    const left = (sinceSubmit: number, sinceShown: number) =>
      rateLimiter.msUntilProgress({ jobId: "job 1", createdAt: ago(sinceSubmit), shownAt: ago(sinceShown) });
    expect(left(300, 0)).toBe(2_700);
    expect(left(2_900, 0)).toBe(1_000);
    expect(left(3_000, 2_700)).toBe(0);
    expect(left(4_000, 1_000)).toBe(2_000);
    expect(left(60_000, 3_000)).toBe(0);
  });

  it("waits longer with fifty jobs, each by its share, but not when nothing moves in it for a while", () => {
    using clock = jumpingClock();
    const { aProcess, ago } = processesOver(clock);
    const rateLimiter = aProcess();
    const shown = { createdAt: ago(60_000), shownAt: ago(0) };
    for (let i = 1; i <= 50; i++) rateLimiter.msUntilProgress({ jobId: `job ${i}`, ...shown });
    expect(rateLimiter.msUntilProgress({ jobId: "job 1", ...shown })).toBe(75_000);
    expect(rateLimiter.msUntilProgress({ jobId: "job 1", ...shown, isPaused: true })).toBe(3_000);
    clock.pass(61_000);
    expect(rateLimiter.msUntilProgress({ jobId: "job 1", createdAt: ago(90_000), shownAt: ago(0) })).toBe(3_000);
  });
});

describe("one bucket for the whole workspace, however many processes there are", () => {
  it("never more than fifty updates in any minute, and progress leaves endings their slots", async () => {
    using clock = jumpingClock();
    const { aProcess } = processesOver(clock);
    const processes = [aProcess(), aProcess(), aProcess()];
    const shown: number[] = [];
    let progress = 0;
    let longest = 0;
    for (let second = 0; second < 90; second++) {
      for (const rateLimiter of processes)
        if (await rateLimiter.mayShowProgress()) {
          progress += 1;
          shown.push(clock.nowMs());
        }
      if (second % 10 === 0) {
        const asked = clock.nowMs();
        await processes[second % 3]!.updates.take();
        longest = Math.max(longest, clock.nowMs() - asked);
        shown.push(clock.nowMs());
      }
      clock.pass(1_000);
    }
    expect(progress).toBeGreaterThan(40);
    expect(longest, "an ending waits for no progress").toBe(0);
    expect(most(shown, 60_000)).toBeLessThanOrEqual(50);
  });

  it("forty endings at once in two processes are all shown within the minute, one after the other", async () => {
    using clock = jumpingClock();
    const { aProcess } = processesOver(clock);
    const shown: number[] = [];
    const began = clock.nowMs();
    const two = [aProcess(), aProcess()];
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        await two[i % 2]!.updates.take();
        shown.push(clock.nowMs());
      }),
    );
    expect(shown).toHaveLength(40);
    expect(clock.nowMs() - began).toBeLessThan(60_000);
    expect(most(shown, 30_000)).toBeLessThanOrEqual(29);
  });

  it("processes that are ended while they wait leave no queue behind for those who come after them", async () => {
    using clock = jumpingClock();
    const { aProcess } = processesOver(clock);
    const dying = aProcess({ sleep: () => new Promise(() => {}) });
    const told: number[] = [];
    const asked = Array.from(
      { length: 120 },
      () => new Promise<void>((heard) => void dying.updates.take(async (ms) => heard(void told.push(ms)))),
    );
    await Promise.all(asked.slice(8));
    expect(Math.max(...told)).toBeLessThanOrEqual(20_000);
    const began = clock.nowMs();
    await aProcess().updates.take();
    expect(clock.nowMs() - began).toBeLessThan(40_000);
  });

  it("posts in a channel are a second apart after a short burst, in another one they do not wait", async () => {
    using clock = jumpingClock();
    const { aProcess } = processesOver(clock);
    const [one, other] = [aProcess(), aProcess()];
    const began = clock.nowMs();
    for (let i = 0; i < 6; i++) await [one, other][i % 2]!.posts("C1").take();
    expect(clock.nowMs() - began).toBe(3_000);
    await one.posts("C2").take();
    expect(clock.nowMs() - began).toBe(3_000);
  });

  it("what Slack tells one process to wait holds for all of them", async () => {
    using clock = jumpingClock();
    const { aProcess } = processesOver(clock);
    const [told, other] = [aProcess(), aProcess()];
    await told.updates.refused(20_000);
    expect(await other.mayShowProgress()).toBe(false);
    const began = clock.nowMs();
    await other.updates.take();
    expect(clock.nowMs() - began).toBe(20_000);
  });
});
