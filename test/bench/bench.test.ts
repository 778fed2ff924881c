import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createTaskSlots } from "../../packages/local/slots.ts";
import { type Figure, isMet, median, percentile, table } from "./figure.ts";
import { jobFigures } from "./job.ts";

const figure = (value: number, goal: number): Figure => ({ name: "ack, p99", value, goal, unit: "ms", note: "how" });

describe("figures", () => {
  it("are medians and nearest-rank percentiles, in whatever order they were measured", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 9, 2])).toBe(3);
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 99, 100]);
    expect(percentile([7], 99)).toBe(7);
  });

  it("meet a goal up to its value, and the table says so", () => {
    expect([isMet(figure(1_000, 1_000)), isMet(figure(1_000.1, 1_000))]).toEqual([true, false]);
    const [, met, missed] = table([figure(12.34, 1_000), figure(1_200, 1_000)]);
    expect(met).toMatch(/ack, p99\s+12 ms\s+1000 ms\s+met/);
    expect(missed).toMatch(/1200 ms\s+1000 ms\s+NOT MET/);
  });

  it("count CPU per turn without what a runner costs anyway, and Slack calls by the time that a job was shown", () => {
    const end = { jobId: "j", repository: "a/b", peakMb: 120 };
    const run = {
      wallMs: 11_000,
      firstRequestMs: 900,
      lastFirstRequestMs: 950,
      firstRequestBytes: 5_000,
      slackCalls: Array<string>(7).fill("chat.update"),
    };
    const idle = { ...run, shownMs: 2_000, ends: [{ ...end, cpuMs: 400 }] };
    const runs = [10, 20, 30].map((more) => ({ ...run, shownMs: 12_500, ends: [{ ...end, cpuMs: 400 + 19 * more }] }));
    const values = Object.fromEntries(jobFigures(runs, idle).map(({ name, value, goal }) => [name, { value, goal }]));
    expect(values["harness CPU per turn"]).toEqual({ value: 20, goal: 10 });
    expect(values["job wall time over the ideal path"]).toEqual({ value: 1.1, goal: 1.1 });
    expect(values["Slack calls per job"]).toEqual({ value: 7, goal: 8 });
    expect(values["Slack calls of a short job"]).toEqual({ value: 7, goal: 4 });
  });
});

describe("slots for tasks", () => {
  it("are never held by more than their number, in the order in which they were asked for", async () => {
    const slot = createTaskSlots(2);
    const { signal } = new AbortController();
    const order: number[] = [];
    let holders = 0;
    await Promise.all(
      Array.from({ length: 7 }, async (_, i) => {
        using _slot = await slot(signal);
        order.push(i);
        holders += 1;
        expect(holders).toBeLessThanOrEqual(2);
        await sleep(2);
        holders -= 1;
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("are not taken by one that was stopped while it waited", async () => {
    const slot = createTaskSlots(1);
    const [first, waiting] = [new AbortController(), new AbortController()];
    const held = await slot(first.signal);
    const stopped = slot(waiting.signal);
    const third = slot(first.signal);
    waiting.abort(new Error("stopped"));
    await expect(stopped).rejects.toThrow("stopped");
    held[Symbol.dispose]();
    using _third = await third;
    await expect(slot(AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });
});
