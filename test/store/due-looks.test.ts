import { expect, it } from "vitest";
import { createJobStore } from "../../packages/store/jobs.ts";
import { AT, aCampaign, aSchedule } from "../builders.ts";
import { clientOf, memoryTable } from "./memory-table.ts";

const MINUTE = 60_000;

it("what is due and was not looked at is overdue: a schedule as soon as its time is over, a campaign without a good look", async () => {
  const clock = { now: Date.parse(AT) };
  const table = memoryTable();
  const now = () => new Date(clock.now);
  const store = createJobStore({ documents: clientOf(async (command) => table.answer(command)), table: "t", now });
  const overdue = () => store.overdue(new Date(clock.now - 16 * MINUTE));
  expect(await overdue()).toBeUndefined();
  // From an earlier release, which noted no looks.
  await store.insertCampaign(aCampaign({ createdAt: AT }));
  clock.now += 17 * MINUTE;
  expect(await overdue()).toBeUndefined();
  clock.now += 17 * MINUTE;
  expect(await overdue()).toBe("CAMPAIGN#c0123456789abcdef / CAMPAIGN");
  await store.noteLook();
  await store.saveSchedule(aSchedule({ nextAt: now().toISOString() }));
  clock.now += 15 * MINUTE;
  expect(await overdue()).toBeUndefined();
  clock.now += 2 * MINUTE;
  await store.noteLook();
  expect(await overdue()).toMatch(/^TEAM#T1 \/ SCHEDULE#/);
  const schedule = (await store.readSchedule(aSchedule()))!;
  await store.changeSchedule(schedule, { nextAt: new Date(clock.now + MINUTE).toISOString() });
  expect(await overdue()).toBeUndefined();
  await store.deleteSchedule(schedule);
  clock.now += 17 * MINUTE;
  expect(await overdue()).toBe("CAMPAIGN#c0123456789abcdef / CAMPAIGN");
  await store.noteLook();
  expect(await overdue()).toBeUndefined();
});
