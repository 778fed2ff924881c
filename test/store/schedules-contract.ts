import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scheduleIdOf } from "../../packages/jobs/ids.ts";
import type { Schedule } from "../../packages/jobs/schedule.ts";
import { createJobStore, type JobStore } from "../../packages/store/jobs.ts";
import { aNewJob, aSchedule } from "../builders.ts";
import { TABLE } from "../stand-ins/dynamodb-folder.ts";
import { openStore } from "./backends.ts";

const DUE = "2026-11-30T05:00:00.000Z";

export const schedulesContract = (table: { url: string }) =>
  describe("schedules", () => {
    let store: JobStore;
    let documents: DynamoDBDocumentClient;
    let now: Date;
    beforeAll(() => {
      documents = openStore(table.url).documents;
      store = createJobStore({ documents, table: TABLE, now: () => now });
    });
    afterAll(() => documents.destroy());

    const make = async (changes: Partial<Schedule>) => {
      const { teamId } = aNewJob();
      const scheduleId = scheduleIdOf({ teamId, userId: "U1", name: "log4j" });
      const schedule = aSchedule({ teamId, scheduleId, ...changes });
      await store.saveSchedule(schedule);
      return schedule;
    };
    const due = async (at: string) => {
      now = new Date(at);
      const found: string[] = [];
      for await (const page of store.dueSchedules()) found.push(...page.map(({ scheduleId }) => scheduleId));
      return found;
    };

    it("are due by the earliest of their times, the most overdue first, and not while they are paused", async () => {
      const planned = await make({ nextAt: DUE });
      const asked = await make({ nowAt: "2026-11-30T04:00:00.000Z", paused: { at: DUE, by: "U1" } });
      const looked = await make({ nextAt: "2026-12-07T05:00:00.000Z", lookAt: "2026-11-30T04:30:00.000Z" });
      await make({ paused: { at: DUE, by: "U1" } });
      const [first, second, third] = [asked, looked, planned].map(({ scheduleId }) => scheduleId);
      const ours = (ids: string[]) => ids.filter((id) => [first, second, third].includes(id));
      expect(ours(await due("2026-11-30T05:00:00.001Z"))).toEqual([first, second, third]);
      expect(ours(await due(DUE))).toEqual([first, second]);
      for (const { teamId, scheduleId } of [planned, asked, looked]) await store.deleteSchedule({ teamId, scheduleId });
      expect(ours(await due("2026-12-30T00:00:00.000Z"))).toEqual([]);
      expect(await store.schedulesOfTeam(planned.teamId)).toEqual([]);
    });

    it("change only as they were read, and are listed by name", async () => {
      const made = await make({ nextAt: DUE, name: "b" });
      const other = { ...made, scheduleId: scheduleIdOf({ ...made, name: "a" }), name: "a" };
      await store.saveSchedule(other);
      const [, read] = await store.schedulesOfTeam(made.teamId);
      const paused = { at: DUE, by: "U1" };
      const changed = await store.changeSchedule(read!, { nextAt: undefined, paused });
      expect(changed).toMatchObject({ name: "b", paused });
      expect(changed!.nextAt).toBeUndefined();
      expect(await store.changeSchedule(read!, { nowAt: DUE })).toBeUndefined();
      expect((await store.readSchedule(made))!.nowAt).toBeUndefined();
      // Scheduled again, deleted or not: nothing of what was there before stays but its jobs.
      const lastJobs = { "acme/shop": aNewJob().jobId };
      await store.changeSchedule(changed!, { lastJobs });
      for (const isDeleted of [false, true]) {
        if (isDeleted) await store.deleteSchedule(made);
        await store.saveSchedule(made);
        const { version: _, ...anew } = (await store.readSchedule(made))!;
        expect(anew).toEqual({ ...made, lastJobs });
      }
    });

    it("know the jobs of a month by their planned times, each once", async () => {
      const { scheduleId } = await make({});
      const jobs = ["2026-11-23", "2026-11-30", "2026-12-07"].map((day) => ({
        plannedAt: `${day}T05:00:00.000Z`,
        jobId: aNewJob().jobId,
      }));
      for (const job of [...jobs, ...jobs]) await store.noteScheduledJob({ scheduleId, ...job });
      expect(await store.scheduledJobIds(scheduleId, "2026-11")).toEqual(jobs.slice(0, 2).map(({ jobId }) => jobId));
      expect(await store.scheduledJobIds(scheduleId, "2026-10")).toEqual([]);
    });
  });
