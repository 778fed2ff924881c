import { describe, expect, it } from "vitest";
import { dollarsLeft } from "../../packages/jobs/job-record.ts";
import type { Lease } from "../../packages/store/runs.ts";
import { countLost } from "../../packages/work/count-lost.ts";
import { aNewJob, aRunOf } from "../builders.ts";
import { openStore } from "../store/backends.ts";
import { memoryRecords } from "../store/memory-records.ts";
import { ownTable } from "../store/own-table.ts";
import { turn } from "../transcript/stage.ts";

describe("an attempt that takes over from a dead one", () => {
  const table = ownTable();

  async function opened(capUsd = 5) {
    const { store: jobs } = openStore(table.url);
    const job = aNewJob({ options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd } });
    await jobs.insertJob(job);
    const run = await jobs.openRun(aRunOf(job));
    const { records } = memoryRecords();
    const deps = { jobs, records, log: () => {} };
    /** As work.ts begins. */
    const takeOver = async () => {
      const claimed = (await jobs.claimRun(run))!;
      const lease: Lease = { ...run, attempt: claimed.attempt };
      return { lease, claimed, run: await countLost(lease, claimed, deps) };
    };
    const left = async () => dollarsLeft((await jobs.readJob(job.jobId))!);
    return { jobs, records, deps, run, takeOver, left };
  }
  const asking = { turn: 1, usd: 0.02 };

  it("counts the request that was out as lost, once, however often it is looked at", async () => {
    const { jobs, deps, takeOver, left } = await opened();
    const first = await takeOver();
    expect(first.run.lost).toBeUndefined();
    await jobs.updateRun(first.lease, { asking });
    const second = await takeOver();
    expect(second.run).toMatchObject({ lost: { turns: 1, usd: 0.02 } });
    expect(second.run.asking).toBeUndefined();
    // Its answer was lost, so it writes again; then it dies, and a third one looks.
    expect((await countLost(second.lease, second.claimed, deps)).lost).toEqual(second.run.lost);
    expect((await takeOver()).run.lost).toEqual(second.run.lost);
    expect(await left()).toBeCloseTo(4.98, 10);
    await expect(countLost(first.lease, second.claimed, deps)).rejects.toThrow("may not write");
  });

  it("a turn that was stored before the row heard of it is paid, not lost; nothing when no request was out", async () => {
    const { jobs, records, run, takeOver, left } = await opened();
    const first = await takeOver();
    await jobs.updateRun(first.lease, { asking });
    await records.putTurn({ ...turn(1, [], []), jobId: run.jobId, repository: run.repository });
    const stored = turn(1, [], []);
    const second = await takeOver();
    expect(second.run).not.toHaveProperty("lost");
    expect(second.run).toMatchObject({ turns: 1, usage: stored.usage, spendUsd: stored.costUsd });
    expect((await takeOver()).run).not.toHaveProperty("asking");
    expect(await left()).toBeCloseTo(5 - stored.costUsd!, 10);
  });

  it("crash after crash, the estimates use the job's cost limit up", async () => {
    const { jobs, takeOver, left } = await opened(0.05);
    let asked = 0;
    for (;;) {
      const { lease, run } = await takeOver();
      expect(run.lost?.turns ?? 0).toBe(asked);
      if ((await left()) === 0) break;
      await jobs.updateRun(lease, { asking });
      asked++;
    }
    expect(asked).toBe(3);
    expect(await left()).toBe(0);
  });
});
