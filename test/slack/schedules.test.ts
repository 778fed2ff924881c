import { beforeEach, describe, expect, it } from "vitest";
import { Schedule } from "../../packages/jobs/schedule.ts";
import { SCHEDULE_ACTIONS } from "../../packages/views/history/schedules.ts";
import { SCHEDULE_FIELDS, ZONE_ACTION } from "../../packages/views/schedule-form.ts";
import { FIELDS } from "../../slack/interactions/run-fields.ts";
import { aSchedule } from "../builders.ts";
import { historyWorld, homeAfter, NOW, wordsOf } from "./history-world.ts";

const world = historyWorld();
const TEAM = "T0LOCAL";

const schedules = () => world.store.schedulesOfTeam(TEAM);
const audited = async () =>
  (await world.store.readAudit({ teamId: TEAM }, { limit: 20 })).map(({ action, result, by }) => [action, result, by]);
const openHome = (person = world.requester) => homeAfter(person, () => person.openHome());
const press = (actionId: string, value: string) =>
  homeAfter(world.requester, () => world.requester.clickHome(actionId, value));

/** The form of a schedule, above that of a new job in which a saved one is chosen. */
async function formOf(name: string, person = world.requester) {
  await person.command("/cody");
  const run = await person.modal();
  await run.fill({ [FIELDS.template]: name });
  await expect.poll(() => wordsOf(run.view)).toContain("Schedule it");
  await run.click(SCHEDULE_ACTIONS.open);
  const form = await person.modal();
  await expect.poll(() => wordsOf(form.view)).toContain("Limit a month");
  return form;
}

beforeEach(async () => {
  for (const one of await schedules()) await world.store.deleteSchedule(one);
  await world.store.saveTemplate(
    {
      teamId: TEAM,
      name: "log4j",
      prompt: "Raise log4j-core",
      repositories: ["acme/orders", "acme/shop"],
      options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 4 },
      savedBy: "U0REQUESTER",
      savedAt: NOW.toISOString(),
    },
    { anybodys: true },
  );
});

describe("scheduling a saved job", () => {
  it("says when and for how much; what was saved is what runs, and scheduling it again takes its place", async () => {
    const form = await formOf("log4j");
    expect(wordsOf(form.view)).toMatch(
      /“log4j” runs as it was saved .*, in 2 repositories, for you and with your rights/,
    );
    expect((await form.suggest(ZONE_ACTION, "new york")).map(({ value }) => value)).toEqual(["America/New_York"]);
    // Node calls these Asia/Calcutta and Europe/Kiev.
    for (const [city, zone] of Object.entries({ kolkata: "Asia/Kolkata", kyiv: "Europe/Kyiv" }))
      expect((await form.suggest(ZONE_ACTION, city)).map(({ value }) => value)).toEqual([zone]);
    expect((await form.suggest(ZONE_ACTION, "")).length).toBe(100);
    await form.fill({ [SCHEDULE_FIELDS.zone]: "Europe/Berlin", [SCHEDULE_FIELDS.limit]: "3" });
    expect(await form.submit()).toEqual({
      errors: { [SCHEDULE_FIELDS.limit]: expect.stringMatching(/may cost \$4\.00/) },
    });
    await form.fill({ [SCHEDULE_FIELDS.limit]: "12" });
    await form.submit();
    await expect
      .poll(async () => wordsOf((await world.requester.modal()).view))
      .toMatch(/every Monday 06:00, Europe\/Berlin, for at most \$12\.00 a month\. The next run is/);
    await (await world.requester.modal()).close();
    await (await world.requester.modal()).close();
    const [made, ...more] = await schedules();
    expect(more).toEqual([]);
    expect(Schedule.parse(made)).toEqual({
      scheduleId: made!.scheduleId,
      teamId: TEAM,
      userId: "U0REQUESTER",
      channelId: "C0CODY",
      name: "log4j",
      prompt: "Raise log4j-core",
      repositories: ["acme/orders", "acme/shop"],
      options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 4 },
      rhythm: { every: "week", weekday: "monday", at: "06:00", zone: "Europe/Berlin" },
      monthlyLimitUsd: 12,
      createdAt: NOW.toISOString(),
      nextAt: "2026-11-23T05:00:00.000Z",
      failures: 0,
      unsettled: [],
      lastJobs: {},
    });
    expect(await audited()).toContainEqual(["schedule", "done", "U0REQUESTER"]);

    await world.store.changeSchedule(made!, { failures: 2, lastJobs: { "acme/shop": "j0123456789abcdef" } });
    const again = await formOf("log4j");
    expect(wordsOf(again.view)).toContain("It is scheduled already");
    await again.fill({ [SCHEDULE_FIELDS.every]: "first-of-month", [SCHEDULE_FIELDS.weekday]: "friday" });
    await again.submit();
    await expect.poll(async () => (await schedules())[0]!.nextAt).toBe("2026-12-04T05:00:00.000Z");
    expect(await schedules()).toMatchObject([
      {
        scheduleId: made!.scheduleId,
        monthlyLimitUsd: 12,
        failures: 0,
        lastJobs: { "acme/shop": "j0123456789abcdef" },
      },
    ]);
  });

  it("is refused where a job would be, with the reason beside the first field", async () => {
    await world.store.saveTemplate(
      {
        teamId: TEAM,
        name: "elsewhere",
        prompt: "x",
        repositories: ["other/app"],
        options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 4 },
        savedBy: "U0REQUESTER",
        savedAt: NOW.toISOString(),
      },
      { anybodys: true },
    );
    const form = await formOf("elsewhere");
    expect(await form.submit()).toEqual({
      errors: { [SCHEDULE_FIELDS.every]: expect.stringContaining("other/app is not one of the repositories") },
    });
    expect(await schedules()).toEqual([]);
    expect(await audited()).toContainEqual(["schedule", "refused", "U0REQUESTER"]);
  });
});

describe("schedules on Home", () => {
  it("say when they run next, what came of the last time and what the month has cost", async () => {
    expect(await openHome()).not.toContain("Schedules");
    const job = await world.job(
      {
        scheduled: {
          scheduleId: "s0123456789abcdef",
          name: "log4j",
          plannedAt: "2026-11-16T05:00:00.000Z",
          leftOut: [],
        },
      },
      ["unchanged"],
      { spendUsd: 1.25 },
    );
    const plannedAt = "2026-11-16T05:00:00.000Z";
    await world.store.noteScheduledJob({ scheduleId: "s0123456789abcdef", plannedAt, jobId: job.jobId });
    const schedule = aSchedule({
      teamId: TEAM,
      userId: "U0REQUESTER",
      nextAt: "2026-11-23T05:00:00.000Z",
      last: { plannedAt, jobId: job.jobId },
    });
    await world.store.saveSchedule(schedule);
    const home = await openHome();
    expect(home).toMatch(/Schedules\nlog4j · every Monday 06:00, Europe\/Berlin/);
    expect(home).toMatch(
      /next run .*2026-11-23T05:00Z.* · last run .*: 1 unchanged · \$1\.25 of \$20\.00 this month · 1 repository · <@U0REQUESTER>/,
    );

    expect(await press(SCHEDULE_ACTIONS.pause, schedule.scheduleId)).toMatch(/paused by <@U0REQUESTER>/);
    expect((await schedules())[0]).toMatchObject({ paused: { by: "U0REQUESTER" } });
    expect((await schedules())[0]!.nextAt).toBeUndefined();
    const started: unknown[] = [];
    world.deps.startSoon = async (pressed) => void started.push(pressed);
    expect(await press(SCHEDULE_ACTIONS.run, schedule.scheduleId)).toMatch(/starts shortly/);
    expect(started).toEqual([{ teamId: TEAM, scheduleId: schedule.scheduleId }]);
    expect((await schedules())[0]).toMatchObject({ nowAt: NOW.toISOString(), paused: { by: "U0REQUESTER" } });
    expect(await press(SCHEDULE_ACTIONS.resume, schedule.scheduleId)).not.toMatch(/paused by/);
    expect((await schedules())[0]).toMatchObject({ nextAt: "2026-11-23T05:00:00.000Z" });
    expect(await press(SCHEDULE_ACTIONS.delete, schedule.scheduleId)).not.toContain("Schedules");
    expect(await schedules()).toEqual([]);
    expect((await audited()).map(([action]) => action)).toEqual(
      expect.arrayContaining(["delete-schedule", "resume", "run-now"]),
    );
  });

  it("are decided by their owner and admins alone; a second press and a deleted one are said", async () => {
    const schedule = aSchedule({ teamId: TEAM, userId: "U0REQUESTER", nextAt: "2026-11-23T05:00:00.000Z" });
    await world.store.saveSchedule(schedule);
    const said = async (person: typeof world.second, actionId: string) => {
      await person.openHome();
      await expect.poll(() => JSON.stringify(person.home())).toContain(actionId);
      await person.clickHome(actionId, schedule.scheduleId);
      const modal = await person.modal();
      const words = wordsOf(modal.view);
      await modal.close();
      return words;
    };
    expect(await said(world.second, SCHEDULE_ACTIONS.pause)).toContain("Only the person for whom it runs, or an admin");
    expect(await said(world.second, SCHEDULE_ACTIONS.delete)).toContain("Only the person for whom it runs");
    await openHome();
    await press(SCHEDULE_ACTIONS.run, schedule.scheduleId);
    expect(await said(world.requester, SCHEDULE_ACTIONS.run)).toContain("on its way already");
    expect(await schedules()).toHaveLength(1);
  });

  it("`/cody schedules` lists them, the person's own first", async () => {
    await world.requester.command("/cody schedules");
    expect(world.requester.ephemerals().at(-1)!.text).toMatch(/^Nothing is scheduled/);
    await world.store.saveSchedule(
      aSchedule({ teamId: TEAM, userId: "U0SECOND", name: "a", nextAt: "2026-11-23T05:00:00.000Z" }),
    );
    await world.store.saveSchedule(
      aSchedule({
        teamId: TEAM,
        userId: "U0REQUESTER",
        name: "z",
        scheduleId: "s1123456789abcdef",
        nextAt: "2026-11-23T05:00:00.000Z",
      }),
    );
    await world.requester.command("/cody schedules");
    const words = wordsOf(world.requester.ephemerals().at(-1) as never);
    expect(words.indexOf("z · every Monday")).toBeGreaterThan(0);
    expect(words.indexOf("a · every Monday")).toBeGreaterThan(words.indexOf("z · every Monday"));
    const { ts } = world.requester.ephemerals().at(-1)!;
    for (const [action, words] of [
      ["run", "“z” starts shortly."],
      ["run", "It is on its way already: it starts shortly."],
      ["pause", "“z” is paused."],
      ["delete", "“z” is deleted."],
    ] as const) {
      await world.requester.click(ts, SCHEDULE_ACTIONS[action], "s1123456789abcdef");
      await expect.poll(() => world.requester.ephemerals().at(-1)!.text).toBe(words);
    }
  });
});
