import { describe, expect, it } from "vitest";
import { jobIdOfTime, scheduleIdOf } from "../../packages/jobs/ids.ts";
import type { Job } from "../../packages/jobs/job.ts";
import { because, type Reason } from "../../packages/jobs/reasons.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import type { Schedule } from "../../packages/jobs/schedule.ts";
import { runSchedules, type ScheduleDeps } from "../../packages/pipeline/run-schedules.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { aPatch, aPullRequest, aSchedule, aStartedRun, aStatus } from "../builders.ts";
import { clientOf, memoryTable } from "../store/memory-table.ts";

const DAY = 24 * 60 * 60_000;
const FIRST = "2026-11-30T05:00:00.000Z";
const TEAM = "T1";

/** A table in memory, one schedule in it, and a clock that the test moves. */
async function world(changes: Partial<Schedule> = {}) {
  const clock = { now: Date.parse(FIRST) - 1 };
  const table = memoryTable();
  const store = createJobStore({
    documents: clientOf(async (command) => table.answer(command)),
    table: "t",
    now: () => new Date(clock.now),
  });
  const told: string[] = [];
  const schedule = aSchedule({ nextAt: FIRST, ...changes });
  await store.saveSchedule(schedule);
  const at = (time: string) => {
    clock.now = Date.parse(time) + 1;
  };
  const pass = (deps: Partial<ScheduleDeps> = {}) =>
    runSchedules({
      ...store,
      mayStart: async ({ channelId }) => ({ channelId }),
      pullRequestNow: async () => "open",
      deadline: () => new AbortController().signal,
      isOver: () => false,
      tell: async (_, { code }) => void told.push(code),
      now: () => new Date(clock.now),
      report: (_, error) => {
        throw error;
      },
      ...deps,
    });
  const jobs = async () => (await store.jobsOfTeam(TEAM, { limit: 50 })).items.toReversed();
  const read = async () => (await store.readSchedule(schedule))!;
  /** Every repository of a job as the pipeline leaves it. */
  const end = async (job: Job, run: Partial<RepoRun> = {}) => {
    for (const repository of job.repositories)
      await store.openRun({
        ...aStartedRun({ repository, state: "unchanged", ...run }),
        jobId: job.jobId,
        userId: job.userId,
      });
  };
  return { clock, at, store, told, schedule, pass, jobs, read, end };
}

describe("a schedule", () => {
  it("starts its job at the planned time, once, however often and by however many it is delivered", async () => {
    const it = await world({ repositories: ["acme/orders", "acme/shop"] });
    expect(await it.pass()).toEqual({ looked: 0, started: 0, failed: 0 });
    it.at(FIRST);
    await Promise.all([it.pass(), it.pass(), it.pass()]);
    await it.pass();
    const [job, ...more] = await it.jobs();
    expect(more).toEqual([]);
    expect(job).toMatchObject({
      jobId: jobIdOfTime({ scheduleId: it.schedule.scheduleId, plannedAt: FIRST }),
      userId: "U1",
      channelId: "C1",
      prompt: it.schedule.prompt,
      repositories: ["acme/orders", "acme/shop"],
      options: it.schedule.options,
      scheduled: { name: "log4j", plannedAt: FIRST, leftOut: [] },
    });
    expect(await it.read()).toMatchObject({
      nextAt: "2026-12-07T05:00:00.000Z",
      last: { plannedAt: FIRST, jobId: job!.jobId },
      unsettled: [job!.jobId],
    });
    it.at("2026-12-07T05:00:00.000Z");
    await it.end(job!);
    await it.pass();
    expect(await it.jobs()).toHaveLength(2);
  });

  it("that died between the job and its own row goes on with that very job", async () => {
    const it = await world({ monthlyLimitUsd: 5 });
    it.at(FIRST);
    const died = { changeSchedule: () => Promise.reject(new Error("gone")), report: () => {} };
    expect(await it.pass(died)).toMatchObject({ failed: 1 });
    expect(await it.pass()).toMatchObject({ started: 1 });
    expect(await it.jobs()).toHaveLength(1);
    expect(await it.read()).toMatchObject({ last: { plannedAt: FIRST } });
  });

  it("whose job another delivery starts meanwhile does not take that job for another one of its month", async () => {
    const it = await world({ monthlyLimitUsd: 5 });
    it.at(FIRST);
    const other = { changeSchedule: () => Promise.reject(new Error("gone")), report: () => {} };
    const mayStart = async ({ channelId }: Schedule) => it.pass(other).then(() => ({ channelId }));
    expect(await it.pass({ mayStart })).toMatchObject({ started: 1 });
    expect(it.told).toEqual([]);
    const [job, ...more] = await it.jobs();
    expect(more).toEqual([]);
    expect(await it.read()).toMatchObject({ last: { jobId: job!.jobId } });
  });

  it.each<[string, Partial<Schedule>]>([
    ["paused", { nextAt: undefined, paused: { at: FIRST, by: "U1" } }],
    ["asked to run now", { nowAt: "2026-11-30T05:00:00.001Z" }],
  ])("that is %s while its job starts knows that job: nothing begins beside it", async (_, change) => {
    const it = await world();
    it.at(FIRST);
    const press = async () => void (await it.store.changeSchedule(await it.read(), change));
    await it.pass({ mayStart: async ({ channelId }) => press().then(() => ({ channelId })) });
    const { scheduleId } = it.schedule;
    const jobId = jobIdOfTime({ scheduleId, plannedAt: FIRST });
    const row = await it.read();
    expect(row).toMatchObject({ unsettled: [jobId], lastJobs: { "acme/orders": jobId } });
    for (const [name, value] of Object.entries(change)) expect(row[name as keyof Schedule]).toEqual(value);
    it.clock.now += 60_000;
    await it.pass();
    expect((await it.jobs()).map((job) => job.jobId)).toEqual([jobId]);
  });

  it("that is scheduled anew while its job starts keeps what was chosen, and knows that job", async () => {
    const it = await world();
    it.at(FIRST);
    const anew = { ...it.schedule, nextAt: "2026-12-24T05:00:00.000Z" };
    await it.pass({ mayStart: async ({ channelId }) => it.store.saveSchedule(anew).then(() => ({ channelId })) });
    const [job] = await it.jobs();
    expect(await it.read()).toMatchObject({ nextAt: anew.nextAt, lastJobs: { "acme/orders": job!.jobId } });
  });

  it("fills its month to the cent", async () => {
    const options = { ...aSchedule().options, capUsd: 1.1 };
    const rhythm = { every: "day", at: "06:00", zone: "Europe/Berlin" } as const;
    const it = await world({ rhythm, options, monthlyLimitUsd: 3.3, nextAt: "2026-12-01T05:00:00.000Z" });
    for (const day of ["01", "02", "03", "04"]) {
      it.at(`2026-12-${day}T05:00:00.000Z`);
      await it.pass();
      for (const job of await it.jobs()) await it.end(job, { spendUsd: 1.1 });
    }
    expect(await it.jobs()).toHaveLength(3);
    expect(it.told).toEqual(["schedule-month-spent"]);
  });

  it("makes up for a missed time once within a day, and skips it with a word after that", async () => {
    const late = await world();
    late.clock.now = Date.parse(FIRST) + DAY - 1;
    await late.pass();
    expect((await late.jobs()).map(({ scheduled }) => scheduled?.plannedAt)).toEqual([FIRST]);
    const tooLate = await world();
    tooLate.clock.now = Date.parse(FIRST) + DAY + 1;
    await tooLate.pass();
    expect(await tooLate.jobs()).toEqual([]);
    expect(await tooLate.read()).toMatchObject({
      nextAt: "2026-12-07T05:00:00.000Z",
      last: { reason: { code: "schedule-missed" } },
    });
    expect(tooLate.told).toEqual(["schedule-missed"]);
  });

  it("leaves out a repository whose last pull request is open or whose last run goes on, and says so on the card", async () => {
    const it = await world({ repositories: ["acme/orders", "acme/shop", "acme/docs"] });
    it.at(FIRST);
    await it.pass();
    const [first] = await it.jobs();
    const pullRequest = aPullRequest("acme/orders", 12);
    const row = (run: Partial<RepoRun>) => it.store.openRun({ ...aStartedRun(run), jobId: first!.jobId });
    await row({ repository: "acme/orders", state: "published", pullRequest });
    await row({ repository: "acme/shop", state: "awaiting-approval", patch: aPatch() });
    const merged = aPullRequest("acme/docs", 3);
    await row({
      repository: "acme/docs",
      state: "published",
      pullRequest: merged,
      pullRequestStatus: aStatus({ number: 3, state: "merged" }),
    });
    it.at("2026-12-07T05:00:00.000Z");
    await it.pass();
    const [, second] = await it.jobs();
    expect(second!.repositories).toEqual(["acme/docs"]);
    expect(second!.scheduled!.leftOut).toEqual([
      expect.stringMatching(/^acme\/orders: the last pull request .* #12 .*still open/),
      expect.stringContaining(`acme/shop: what this schedule started last, job ${first!.jobId}`),
    ]);
  });

  it("asks GitHub about a pull request that was open when it was seen last; with none left it says so, once", async () => {
    const it = await world();
    it.at(FIRST);
    await it.pass();
    const [first] = await it.jobs();
    await it.end(first!, { state: "published", pullRequest: aPullRequest("acme/orders", 12) });
    for (const week of ["2026-12-07", "2026-12-14"]) {
      it.at(`${week}T05:00:00.000Z`);
      await it.pass();
    }
    expect(await it.jobs()).toHaveLength(1);
    expect(it.told).toEqual(["schedule-nothing-left"]);
    expect((await it.read()).last?.reason?.message).toMatch(/^Nothing was started\. acme\/orders: .*#12/);
    // A person who presses Run now is told in any case: "it starts shortly" was the last word.
    await it.store.changeSchedule(await it.read(), { nowAt: "2026-12-15T05:00:00.000Z" });
    it.at("2026-12-15T05:00:00.000Z");
    await it.pass();
    expect(it.told).toEqual(["schedule-nothing-left", "schedule-nothing-left"]);
    it.at("2026-12-21T05:00:00.000Z");
    const asked: [string, number][] = [];
    await it.pass({
      pullRequestNow: async (repository, { number }) => (asked.push([repository, number]) > 0 ? "closed" : "open"),
    });
    expect(asked).toEqual([["acme/orders", 12]]);
    expect(await it.jobs()).toHaveLength(2);
  });

  it("opens no second pull request where GitHub does not show how the first one stands, and says so", async () => {
    const it = await world({ repositories: ["acme/orders", "acme/shop"] });
    it.at(FIRST);
    await it.pass();
    const [first] = await it.jobs();
    await it.end(first!, { state: "published", pullRequest: aPullRequest("acme/orders", 12) });
    it.at("2026-12-07T05:00:00.000Z");
    await it.pass({ pullRequestNow: async (repository) => (repository === "acme/shop" ? "merged" : "unknown") });
    const [, second] = await it.jobs();
    expect(second).toMatchObject({ repositories: ["acme/shop"] });
    expect(second!.scheduled!.leftOut).toEqual([
      expect.stringMatching(/^acme\/orders: GitHub does not show whether .* #12 .* is still open/),
    ]);
  });

  it("keeps a month's jobs within its limit: what ended counts as spent, what runs as all that it may cost", async () => {
    const daily = { rhythm: { every: "day", at: "06:00", zone: "Europe/Berlin" } as const, monthlyLimitUsd: 11 };
    const it = await world({
      ...daily,
      nextAt: "2026-12-01T05:00:00.000Z",
      repositories: ["acme/orders", "acme/shop"],
    });
    const days = ["2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2027-01-01"];
    const counts: number[] = [];
    for (const [i, day] of days.entries()) {
      it.at(`${day}T05:00:00.000Z`);
      await it.pass();
      const jobs = await it.jobs();
      counts.push(jobs.length);
      // The first ends for 0.80 dollars, later ones for 2.50 a repository.
      if (jobs[i]) await it.end(jobs[i], { spendUsd: i === 0 ? 0.4 : 2.5 });
    }
    expect(counts).toEqual([1, 2, 3, 3, 4]);
    expect(it.told).toEqual(["schedule-month-spent"]);
    // Running ones reserve: two of five dollars leave no room for a third within eleven.
    const running = await world({ ...daily, repositories: ["acme/orders", "acme/shop"] });
    running.at(FIRST);
    await running.pass();
    const [one] = await running.jobs();
    await running.end({ ...one!, repositories: ["acme/shop"] }, { state: "unchanged", spendUsd: 7 });
    running.at("2026-11-30T06:00:00.000Z");
    await running.store.changeSchedule(await running.read(), { nowAt: "2026-11-30T06:00:00.000Z" });
    await running.pass();
    expect((await running.read()).last?.reason?.message).toMatch(/\$7\.00 of the \$11\.00 a month/);
  });

  it("is paused by three failures in a row, tells it once, and a job that came to something begins the count anew", async () => {
    const it = await world({ rhythm: { every: "day", at: "06:00", zone: "Europe/Berlin" } });
    const ends: Partial<RepoRun>[] = ["failed", "failed", "unchanged", "failed", "blocked", "cancelled", "failed"].map(
      (state) => ({ state: state as RepoRun["state"] }),
    );
    for (const [i, run] of ends.entries()) {
      it.clock.now = Date.parse(FIRST) + i * DAY + 1;
      await it.pass();
      const jobs = await it.jobs();
      expect(jobs).toHaveLength(i + 1);
      await it.end(jobs[i]!, run);
      it.clock.now += 10 * 60_000;
      await it.pass();
      expect((await it.read()).paused !== undefined).toBe(i === ends.length - 1);
    }
    it.clock.now += 3 * DAY;
    await it.pass();
    expect(await it.jobs()).toHaveLength(ends.length);
    expect(it.told).toEqual(["schedule-failures"]);
    expect(await it.read()).toMatchObject({ failures: 3, paused: { reason: { code: "schedule-failures" } } });
  });

  it.each<[string, Reason]>([
    ["owner is gone", because("schedule-owner-gone")],
    ["repository is refused", because("schedule-repository-refused", "acme/orders is archived.")],
  ])("whose %s is paused with the reason, and no job begins", async (_, reason) => {
    const it = await world();
    it.at(FIRST);
    await it.pass({ mayStart: async () => ({ reason }) });
    await it.pass();
    expect(await it.jobs()).toEqual([]);
    const row = await it.read();
    expect(row).toMatchObject({ paused: { reason }, last: { plannedAt: FIRST, reason } });
    expect(row.nextAt).toBeUndefined();
    expect(it.told).toEqual([reason.code]);
  });

  it("stays due while a service does not answer, and keeps no other waiting", async () => {
    const it = await world();
    const other = aSchedule({
      scheduleId: scheduleIdOf({ teamId: TEAM, userId: "U2", name: "x" }),
      userId: "U2",
      nextAt: FIRST,
    });
    await it.store.saveSchedule(other);
    it.at(FIRST);
    const reported: string[] = [];
    const silent: Partial<ScheduleDeps> = {
      mayStart: async ({ userId, channelId }) => {
        if (userId === "U1") throw new Error("Slack is silent");
        return { channelId };
      },
      report: (schedule) => void reported.push(schedule.userId),
    };
    expect(await it.pass(silent)).toEqual({ looked: 2, started: 1, failed: 1 });
    expect(reported).toEqual(["U1"]);
    expect(await it.pass()).toMatchObject({ looked: 1, started: 1 });
    expect((await it.jobs()).map(({ userId }) => userId).toSorted()).toEqual(["U1", "U2"]);
  });

  it("whose service never answers is given up, keeps none of many waiting, and begins nothing when it answers late", async () => {
    const it = await world();
    const others = Array.from({ length: 30 }, (_, i) => `U${i + 2}`);
    for (const userId of others)
      await it.store.saveSchedule(
        aSchedule({ scheduleId: scheduleIdOf({ teamId: TEAM, userId, name: "x" }), userId, nextAt: FIRST }),
      );
    it.at(FIRST);
    const late = new AbortController();
    const silent = Promise.withResolvers<void>();
    const reported: string[] = [];
    let answered = 0;
    const passing = it.pass({
      deadline: () => late.signal,
      mayStart: async ({ userId, channelId }) => {
        if (userId === "U1") await silent.promise;
        else answered += 1;
        return { channelId };
      },
      report: (schedule, error) => void reported.push(`${schedule.userId}: ${(error as Error).message}`),
    });
    await expect.poll(async () => [answered, (await it.jobs()).length], { timeout: 60_000 }).toEqual([30, 30]);
    // All that was begun has come to its end but the one that hangs.
    await expect.poll(async () => (await it.store.schedulesOfTeam(TEAM)).filter(({ last }) => last).length).toBe(30);
    late.abort();
    expect(await passing).toEqual({ looked: 31, started: 30, failed: 1 });
    expect(reported).toEqual([expect.stringMatching(/^U1: .*in time/)]);
    silent.resolve();
    expect(await it.pass()).toEqual({ looked: 1, started: 1, failed: 0 });
    expect(await it.jobs()).toHaveLength(31);
  });

  it("is left for the next look when the time of this one is over", async () => {
    const it = await world();
    it.at(FIRST);
    expect(await it.pass({ isOver: () => true })).toEqual({ looked: 0, started: 0, failed: 0 });
    expect(await it.pass()).toMatchObject({ started: 1 });
  });

  it("that a person deletes or pauses while it starts stays deleted or paused", async () => {
    const it = await world();
    it.at(FIRST);
    await it.pass({
      mayStart: async ({ channelId }) => {
        await it.store.deleteSchedule(it.schedule);
        return { channelId };
      },
    });
    expect(await it.store.readSchedule(it.schedule)).toBeUndefined();
    expect(await it.pass()).toEqual({ looked: 0, started: 0, failed: 0 });
  });
});
