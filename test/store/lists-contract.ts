import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstRound } from "../../packages/jobs/round.ts";
import { findOthers } from "../../packages/pipeline/repeats.ts";
import { findUnfinishedAlike } from "../../packages/pipeline/unfinished-alike.ts";
import type { PageRequest } from "../../packages/store/index-pages.ts";
import { createJobStore, type JobStore } from "../../packages/store/jobs.ts";
import type { Page } from "../../packages/store/lists.ts";
import { aNewJob, aRunOf } from "../builders.ts";
import { TABLE } from "../stand-ins/dynamodb-folder.ts";
import { createClock, openStore } from "./backends.ts";

async function pages<T>(list: (request: PageRequest) => Promise<Page<T>>, limit: number): Promise<T[][]> {
  const all: T[][] = [];
  let after: string | undefined;
  do {
    const page = await list({ limit, after });
    all.push(page.items);
    after = page.after;
  } while (after !== undefined);
  return all;
}

export const listsContract = (table: { url: string }) =>
  describe("lists", () => {
    let store: JobStore;
    let documents: DynamoDBDocumentClient;
    const unreadable: string[] = [];
    beforeAll(() => {
      documents = openStore(table.url).documents;
      store = createJobStore({
        documents,
        table: TABLE,
        now: createClock(),
        unreadable: (row) => unreadable.push(row),
      });
    });
    afterAll(() => documents.destroy());

    const openOf = async (jobId: string) => {
      const found: string[] = [];
      for await (const item of store.openItems()) {
        if (item.kind === "unreadable") continue;
        const row = item.kind === "job" ? item.job : item.kind === "round" ? item.round : item.run;
        if (row.jobId === jobId) found.push(item.kind);
      }
      return found;
    };

    it("jobs of a team and of a person come newest first, in pages, and only theirs", async () => {
      const { teamId } = aNewJob();
      const jobs = Array.from({ length: 7 }, (_, i) =>
        aNewJob({ teamId, userId: i % 2 ? "U-odd" : "U-even", createdAt: `2026-11-22T09:00:0${i}.000Z` }),
      );
      for (const job of jobs) await store.insertJob(job);
      await store.insertJob(aNewJob({ userId: "U-odd" }));
      const newestFirst = jobs.toReversed();

      const ofTeam = await pages((request) => store.jobsOfTeam(teamId, request), 3);
      expect(ofTeam.flat()).toEqual(newestFirst);
      expect(ofTeam.map((page) => page.length).slice(0, 2)).toEqual([3, 3]);
      const ofUser = await pages((request) => store.jobsOfUser({ teamId, userId: "U-odd" }, request), 2);
      expect(ofUser.flat()).toEqual(newestFirst.filter((job) => job.userId === "U-odd"));
      expect(await store.jobsOfTeam("T-UNKNOWN", { limit: 5 })).toEqual({ items: [] });
    });

    it("a reader may stop in the middle of a page and go on behind the last one it took", async () => {
      const { teamId } = aNewJob();
      const jobs = Array.from({ length: 5 }, (_, i) => aNewJob({ teamId, createdAt: `2026-11-22T09:00:0${i}.000Z` }));
      for (const job of jobs) {
        await store.insertJob(job);
        await store.openRun(aRunOf(job, { repository: "acme/paged" }));
      }
      const [, second, third] = jobs.toReversed();
      const rest = await store.jobsOfTeam(teamId, { limit: 1, after: store.cursorOfJob(second!) });
      expect(rest.items).toEqual([third]);
      const run = await store.readRun({ jobId: second!.jobId, repository: "acme/paged" });
      const page = { limit: 1, after: store.cursorOfRun(run!) };
      expect((await store.runsOfRepository({ teamId, repository: "acme/paged" }, page)).items).toMatchObject([
        { jobId: third!.jobId },
      ]);
    });

    it("the runs of many jobs, and jobs by their ids, come in a few requests", async () => {
      const { teamId } = aNewJob();
      const jobs = Array.from({ length: 60 }, () => aNewJob({ teamId, repositories: ["acme/a", "acme/b"] }));
      await Promise.all(jobs.map((job) => store.insertJob(job)));
      await store.openRun(aRunOf(jobs[0]!, { repository: "acme/b" }));
      await store.openRun(aRunOf(jobs[59]!, { repository: "acme/a" }));
      const runs = await store.runsOfJobs(jobs);
      expect(runs.map(({ jobId, repository }) => [jobId, repository])).toEqual([
        [jobs[0]!.jobId, "acme/b"],
        [jobs[59]!.jobId, "acme/a"],
      ]);
      expect(await store.jobsById([jobs[3]!.jobId, "j0000000000000000", jobs[1]!.jobId])).toEqual([jobs[3], jobs[1]]);
    });

    it("a row that cannot be read keeps no other row from its reader, and is named", async () => {
      const { teamId } = aNewJob();
      const jobs = Array.from({ length: 3 }, (_, i) => aNewJob({ teamId, createdAt: `2026-11-22T09:00:0${i}.000Z` }));
      for (const job of jobs) {
        await store.insertJob(job);
        await store.openRun(aRunOf(job));
      }
      const spoil = (pk: string, sk: string, attribute: string) =>
        documents.send(
          new UpdateCommand({
            TableName: TABLE,
            Key: { pk, sk },
            UpdateExpression: "SET #a = :v",
            ExpressionAttributeNames: { "#a": attribute },
            ExpressionAttributeValues: { ":v": 7 },
          }),
        );
      const bad = jobs[1]!;
      await spoil(`JOB#${bad.jobId}`, "JOB", "prompt");
      await spoil(`JOB#${bad.jobId}`, "REPO#acme/orders", "state");
      unreadable.length = 0;
      const good = [jobs[2]!.jobId, jobs[0]!.jobId];
      const ids = (items: { jobId: string }[]) => items.map(({ jobId }) => jobId);
      expect(ids((await store.jobsOfTeam(teamId, { limit: 5 })).items)).toEqual(good);
      expect(ids(await store.jobsById(jobs.map(({ jobId }) => jobId)))).toEqual(good.toReversed());
      expect(unreadable).toEqual([`JOB#${bad.jobId} / JOB`, `JOB#${bad.jobId} / JOB`]);
      expect(ids((await store.runsOfRepository({ teamId, repository: "acme/orders" }, { limit: 5 })).items)).toEqual(
        good,
      );
      expect(ids(await store.runsOfJobs(jobs))).toEqual(good.toReversed());
      expect(unreadable.at(-1)).toBe(`JOB#${bad.jobId} / REPO#acme/orders`);

      const mine = aNewJob({ teamId, createdAt: "2026-11-22T12:30:00.000Z" });
      expect(await findOthers(store)(mine, "acme/orders")).toEqual([]);
      expect((await findUnfinishedAlike(store)(mine)).map(({ job }) => job.jobId)).toContain(good[0]);
    });

    it("a cursor of one team opens nothing of another", async () => {
      const [mine, theirs] = [aNewJob(), aNewJob()];
      for (const job of [mine, { ...aNewJob(), teamId: mine.teamId }, theirs]) await store.insertJob(job);
      const { after } = await store.jobsOfTeam(mine.teamId, { limit: 1 });
      const stolen = await store.jobsOfTeam(theirs.teamId, { limit: 10, after: after! }).catch(() => ({ items: [] }));
      expect(stolen.items.filter((job) => job.teamId !== theirs.teamId)).toEqual([]);
    });

    it("runs of a repository are found whatever the case of its name, in one workspace only", async () => {
      const [older, newer] = [aNewJob(), aNewJob({ createdAt: "2026-11-22T12:30:00.000Z" })];
      newer.teamId = older.teamId;
      const first = await store.openRun(aRunOf(older, { repository: "acme/Billing" }));
      const second = await store.openRun(aRunOf(newer, { repository: "Acme/billing" }));
      await store.openRun(aRunOf(aNewJob(), { repository: "acme/billing" }));
      const found = await store.runsOfRepository({ teamId: older.teamId, repository: "ACME/BILLING" }, { limit: 10 });
      expect(found.items).toEqual([second, first]);
    });

    it("a run is found by its pull request from the moment that has been written", async () => {
      const job = aNewJob();
      const url = `https://github.example/acme/orders/pull/${job.jobId}`;
      const { repository, round } = await store.openRun(aRunOf(job, { state: "publishing" }));
      expect(await store.runOfPullRequest(url)).toBeUndefined();
      const pullRequest = { number: 1, url, draft: false, branch: "b", commit: "c" };
      await store.moveRun({ jobId: job.jobId, repository, round }, ["publishing"], { pullRequest, state: "published" });
      expect(await store.runOfPullRequest(url)).toMatchObject({ jobId: job.jobId, pullRequest });
      await store.openRun(aRunOf(job, { round: 2 }));
      expect(await store.runOfPullRequest(url)).toMatchObject({ round: 2, pullRequest });
    });

    it("the sweeper's list holds a job until its round stands, a round until its end, an approval until its decision", async () => {
      const job = aNewJob();
      const { jobId } = job;
      await store.insertJob(job);
      expect(await openOf(jobId)).toEqual(["job"]);
      await store.insertRound(firstRound(job));
      await store.markFirstRoundRequested(jobId);
      await store.markFirstRoundRequested(jobId);
      expect(await openOf(jobId)).toEqual(["round"]);
      await store.markRoundStarted({ jobId, round: 1 }, "arn");
      const run = await store.openRun(aRunOf(job, { state: "verifying" }));
      await store.moveRun(run, ["verifying"], { state: "awaiting-approval" });
      await store.markRoundFinished({ jobId, round: 1 });
      expect(await openOf(jobId)).toEqual(["approval"]);
      await store.claimRun(run);
      await store.updateRun({ ...run, attempt: 1 }, { activity: "still waiting" });
      expect(await openOf(jobId)).toEqual(["approval"]);
      await store.moveRun(run, ["awaiting-approval"], { state: "publishing" });
      expect(await openOf(jobId)).toEqual([]);
    });

    it("an approval that a new round takes over is off the list", async () => {
      const job = aNewJob();
      const run = await store.openRun(aRunOf(job, { state: "verifying" }));
      await store.moveRun(run, ["verifying"], { state: "awaiting-approval" });
      await store.openRun(aRunOf(job, { round: 2 }));
      expect(await openOf(job.jobId)).toEqual([]);
    });

    it("the list is read to its end over many pages, oldest first", async () => {
      const jobs = Array.from({ length: 60 }, (_, i) =>
        aNewJob({ createdAt: `2026-11-20T09:00:${String(i).padStart(2, "0")}.000Z` }),
      );
      await Promise.all(jobs.map((job) => store.insertJob(job)));
      const ids = new Set(jobs.map((job) => job.jobId));
      const found: string[] = [];
      for await (const item of store.openItems())
        if (item.kind === "job" && ids.has(item.job.jobId)) found.push(item.job.jobId);
      expect(found).toEqual(jobs.map((job) => job.jobId));
    });
  });
