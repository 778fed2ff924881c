import { expect, it } from "vitest";
import { SAMPLE_PROMPT } from "../../packages/local/demo/options.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { nextAtOf } from "../../packages/pipeline/planned-time.ts";
import { aSchedule } from "../builders.ts";
import { openWorld, runOf, until } from "./world.ts";

const DAILY = { every: "day", at: "06:00", zone: "Europe/Berlin" } as const;

it("a saved job that is due twice starts two jobs, however often it is delivered; the second leaves out what is still open", async () => {
  let now = new Date();
  const world = await openWorld({ scheduleClock: () => now });
  const jobs = async () => (await world.store.jobsOfTeam("T0LOCAL", { limit: 10 })).items;
  const schedule = aSchedule({
    teamId: "T0LOCAL",
    userId: world.requester.id,
    channelId: world.slack!.workspace.channels().find(({ name }) => name === "cody")!.id,
    prompt: SAMPLE_PROMPT,
    repositories: ["acme/orders", "acme/ledger"],
    rhythm: DAILY,
    nextAt: nextAtOf({ rhythm: DAILY }, now),
  });
  await world.store.saveSchedule(schedule);
  await world.runSchedules();
  expect(await jobs()).toEqual([]);

  now = new Date(schedule.nextAt!);
  now.setSeconds(1);
  await Promise.all([world.runSchedules(), world.runSchedules()]);
  const first = await world.untilAtRest();
  await world.runSchedules();
  expect(await jobs()).toHaveLength(1);
  expect(first.job).toMatchObject({ userId: world.requester.id, scheduled: { plannedAt: schedule.nextAt } });
  expect(first.runs.map(({ state }) => state)).toEqual(["published", "unchanged"]);
  await until(() => JSON.stringify(world.cards()).includes("Started by the schedule “log4j”"));

  now = new Date(nextAtOf(schedule, now));
  now.setSeconds(1);
  await Promise.all([world.runSchedules(), world.runSchedules()]);
  const second = await world.untilJob((record) => record.job.jobId !== first.job.jobId && allAtRest(record));
  await world.runSchedules();
  expect(await jobs()).toHaveLength(2);
  expect(second.job.repositories).toEqual(["acme/ledger"]);
  const { pullRequest } = runOf(first, "acme/orders");
  expect(second.job.scheduled!.leftOut).toEqual([expect.stringContaining(`(${pullRequest!.url}), is still open.`)]);
  await until(() => JSON.stringify(world.cards()).includes("Left out this time: acme/orders"));
  expect(world.forge.admin.pullRequests("acme/orders")).toHaveLength(1);
  expect(await world.store.readSchedule(schedule)).toMatchObject({ failures: 0, last: { jobId: second.job.jobId } });
});
