import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelOf } from "../../packages/jobs/job.ts";
import { dollarsLeft } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { statesBefore, TERMINAL_STATES } from "../../packages/jobs/states.ts";
import type { JobStore } from "../../packages/store/jobs.ts";
import { LeaseLost } from "../../packages/store/lease-lost.ts";
import { AT, aNewJob, aPullRequest, aRunOf } from "../builders.ts";
import { openStore } from "./backends.ts";

const times = <T>(n: number, act: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => act(i)));

export const rowsContract = (table: { url: string }) =>
  describe("rows", () => {
    let store: JobStore;
    let documents: DynamoDBDocumentClient;
    beforeAll(() => {
      ({ store, documents } = openStore(table.url));
    });
    afterAll(() => documents.destroy());

    const opened = async (changes: Partial<RepoRun> = {}) => {
      const job = aNewJob();
      await store.insertJob(job);
      const run = await store.openRun(aRunOf(job, changes));
      return { job, run, ref: { jobId: job.jobId, repository: run.repository, round: run.round } };
    };

    describe("jobs and rounds", () => {
      it("a hundred submits at once make one job", async () => {
        const job = aNewJob();
        const answers = await times(100, () => store.insertJob(job));
        expect(answers.filter((answer) => answer === "created")).toHaveLength(1);
        expect((await store.readJob(job.jobId))?.job).toEqual(job);
      });

      it("a hundred clicks at once make one round", async () => {
        const job = aNewJob();
        await store.insertJob(job);
        const answers = await times(100, (i) => store.insertRound({ ...firstRound(job), requestedBy: `U${i}` }));
        expect(answers.filter((answer) => answer === "created")).toHaveLength(1);
        const winner = (await store.readJob(job.jobId))?.rounds;
        expect(winner).toMatchObject([{ requestedBy: `U${answers.indexOf("created")}` }]);
      });

      it("a runner reads what it decides by, and nothing else of the rows", async () => {
        const { job, run, ref } = await opened({
          state: "failed",
          spendUsd: 0.25,
          lost: { turns: 1, usd: 0.5 },
          asking: { turn: 2, usd: 0.25 },
        });
        await store.insertRound({ ...firstRound(job), capUsd: 7 });
        await store.requestCancel(job.jobId, "*", { by: "U1", round: 1 });
        const whole = (await store.readJob(ref.jobId))!;
        const budget = (await store.readBudget(ref.jobId))!;
        expect(dollarsLeft(budget)).toBe(6);
        expect(dollarsLeft(budget)).toBe(dollarsLeft(whole));
        const { repository, state, spendUsd, lost, asking } = run;
        expect(budget).toEqual({
          job: { cancel: whole.job.cancel, options: { capUsd: job.options.capUsd } },
          rounds: [{ round: 1, capUsd: 7 }],
          runs: [{ repository, state, spendUsd, lost, asking }],
        });
        expect(cancelOf((await store.readCancels(ref.jobId))!, repository, 1)).toMatchObject({ by: "U1" });
        expect(await store.readBudget(aNewJob().jobId)).toBeUndefined();
        expect(await store.readCancels(aNewJob().jobId)).toBeUndefined();
      });

      it("a job that was not submitted is not there, and nothing can be written about it", async () => {
        const { jobId } = aNewJob();
        expect(await store.readJob(jobId)).toBeUndefined();
        expect(await store.readRun({ jobId, repository: "acme/orders" })).toBeUndefined();
        await expect(store.requestCancel(jobId, "*", { by: "U1", round: 1 })).rejects.toThrow("There is no row");
        await expect(store.markFirstRoundRequested(jobId)).rejects.toThrow("There is no row");
        await expect(store.markRoundStarted({ jobId, round: 1 }, "arn")).rejects.toThrow("There is no row");
        await expect(store.markRoundFinished({ jobId, round: 1 })).rejects.toThrow("There is no row");
        await expect(store.updateCard(jobId, { hash: "1" })).rejects.toThrow("There is no row");
      });

      it("the first start of a round stands, and so does its first end", async () => {
        const job = aNewJob();
        await store.insertRound(firstRound(job));
        await store.insertJob(job);
        const ref = { jobId: job.jobId, round: 1 };
        await store.markRoundStarted(ref, "arn:first");
        await store.markRoundFinished(ref);
        const before = await store.readJob(job.jobId);
        await store.markRoundStarted(ref, "arn:second");
        await store.markRoundFinished(ref);
        expect(await store.readJob(job.jobId)).toEqual(before);
        expect(before?.rounds[0]).toMatchObject({ executionArn: "arn:first", finishedAt: expect.any(String) });
      });

      it("a request to cancel is kept for the highest round, for each repository and for the whole job", async () => {
        const job = aNewJob();
        await store.insertJob(job);
        await store.requestCancel(job.jobId, "acme/orders", { by: "U1", round: 2 });
        await store.requestCancel(job.jobId, "acme/orders", { by: "U2", round: 1 });
        await store.requestCancel(job.jobId, "acme/orders", { by: "U3", round: 2 });
        await store.requestCancel(job.jobId, "*", { by: "U4", round: 1 });
        await store.requestCancel(job.jobId, "*", { by: "U5", round: 3 });
        const cancel = (await store.readJob(job.jobId))?.job.cancel;
        expect(cancel).toMatchObject({ "acme/orders": { by: "U1", round: 2 }, "*": { by: "U5", round: 3 } });
      });

      it("a record holds all rows, the runs in the order in which the job names them", async () => {
        const job = aNewJob({ repositories: ["acme/orders", "acme/Billing"] });
        await store.insertJob(job);
        await store.insertRound(firstRound(job));
        await store.insertRound({ ...firstRound(job), round: 2, kind: "retry" });
        for (const repository of job.repositories.toReversed()) await store.openRun(aRunOf(job, { repository }));
        await store.cards.claim(job.jobId, { channelId: "C1", claimedAt: job.createdAt });
        const record = await store.readJob(job.jobId);
        expect(record?.runs.map((run) => run.repository)).toEqual(["acme/orders", "acme/Billing"]);
        expect(record?.rounds.map((round) => round.round)).toEqual([1, 2]);
        expect(record?.card?.channelId).toBe("C1");
      });

      it("a job of more than one page of rows is read whole", async () => {
        const job = aNewJob();
        await store.insertJob(job);
        const prompt = "x".repeat(9_000);
        await times(130, (i) => store.insertRound({ ...firstRound(job), kind: "refine", round: i + 1, prompt }));
        expect((await store.readJob(job.jobId))?.rounds.map((round) => round.round).at(-1)).toBe(130);
      });
    });

    describe("the card", () => {
      it("is updated; an explicit undefined takes a field away", async () => {
        const job = aNewJob();
        const { jobId } = job;
        await store.insertJob(job);
        await store.cards.claim(jobId, { channelId: "C1", claimedAt: AT });
        await store.updateCard(jobId, { ts: "17.1", hash: "a", replies: { "1": "17.2" } });
        await store.updateCard(jobId, { hash: undefined });
        const card = { jobId, channelId: "C1", claimedAt: AT, ts: "17.1", replies: { "1": "17.2" } };
        expect((await store.readJob(jobId))?.card).toEqual(card);
      });

      it("has a place for each reply: claimed once, taken over from a claim as it was read, kept once", async () => {
        const { jobId } = aNewJob();
        await store.cards.claim(jobId, { channelId: "C1", claimedAt: AT });
        expect(await store.claimReply(jobId, 1, "claimed 1")).toBe("claimed");
        expect(await store.claimReply(jobId, 1, "claimed 2")).toBe("exists");
        expect(await store.claimReply(jobId, 1, "claimed 2", "claimed 1")).toBe("claimed");
        expect(await store.claimReply(jobId, 1, "claimed 3", "claimed 1")).toBe("exists");
        expect(await store.keepReply(jobId, 1, "17.1")).toBe("kept");
        expect(await store.keepReply(jobId, 1, "17.1")).toBe("kept");
        expect(await store.keepReply(jobId, 1, "17.2")).toBe("overtaken");
        expect(await store.claimReply(jobId, 1, "claimed 4", "claimed 2")).toBe("exists");
        expect(await store.keepReply(jobId, "1-direct", "17.3")).toBe("kept");
      });
    });

    describe("opening a run", () => {
      it("puts it once; a repeat gets what stands", async () => {
        const { job, run } = await opened();
        const again = await store.openRun(aRunOf(job, { state: "failed" }));
        expect(again).toEqual(run);
      });

      it("a later round takes the row over with its totals, patch, pull request and age", async () => {
        const { job, ref } = await opened();
        const patch = { key: "k", bytes: 1, treeId: "a".repeat(40), files: 1, additions: 1, deletions: 0 };
        const pullRequest = {
          number: 7,
          url: `https://github.example/${job.jobId}/7`,
          draft: false,
          branch: "b",
          commit: "c",
        };
        const usage = { input: 10, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 5, output: 3 };
        const totals = { turns: 4, usage, spendUsd: 0.1 + 0.2 };
        await store.moveRun(ref, ["queued"], { state: "publishing", patch, pullRequest, ...totals, ending: "changed" });
        await store.moveRun(ref, ["publishing"], { state: "published" });
        const next = aRunOf(job, { round: 2, createdAt: "2026-11-23T00:00:00.000Z" });
        const second = await store.openRun(next);
        expect(second).toEqual({ ...next, patch, pullRequest, ...totals, before: totals, createdAt: job.createdAt });
        expect(await store.openRun(aRunOf(job))).toEqual(second);
      });

      it("a later round that begins anew after a merge takes no patch over, and keeps its own", async () => {
        const patch = { key: "k", bytes: 1, treeId: "a".repeat(40), files: 1, additions: 1, deletions: 0 };
        for (const own of [undefined, { ...patch, key: "own" }]) {
          const { job, ref } = await opened();
          const pullRequest = { ...aPullRequest("acme/orders", 7), branch: "b" };
          await store.moveRun(ref, ["queued"], { state: "publishing", patch, pullRequest, ending: "changed" });
          await store.moveRun(ref, ["publishing"], { state: "published" });
          const left = { round: 2, state: "merged" as const, pullRequest };
          const next = aRunOf(job, { round: 2, leftBehind: [left], ...(own && { patch: own }) });
          const second = await store.openRun(next);
          expect([second.patch, second.pullRequest]).toEqual([own, undefined]);
        }
      });

      it("a request that was out when the round before died is lost to the later round", async () => {
        const { job, ref } = await opened();
        const asking = { turn: 3, usd: 0.02 };
        await store.moveRun(ref, ["queued"], { state: "failed", asking, lost: { turns: 1, usd: 0.01 } });
        const second = await store.openRun(aRunOf(job, { round: 2 }));
        const lost = { turns: 2, usd: 0.03 };
        expect(second).toMatchObject({ lost, before: { lost } });
        expect(second.asking).toBeUndefined();
      });

      it("fifty openings of two rounds at once leave the higher one, opened from the lower one's end", async () => {
        const { job, ref } = await opened();
        await store.moveRun(ref, ["queued"], { state: "failed", turns: 3 });
        const runs = await times(50, (i) => store.openRun(aRunOf(job, { round: 2 + (i % 2) })));
        const stored = await store.readRun(ref);
        expect(stored).toMatchObject({ round: 3, before: { turns: 3 }, turns: 3 });
        expect(runs.every((run) => run.round === 2 || run.round === 3)).toBe(true);
      });
    });

    describe("the lease", () => {
      it("a hundred claims at once get a hundred different attempts", async () => {
        const { ref } = await opened();
        const attempts = (await times(100, () => store.claimRun(ref))).map((run) => run?.attempt);
        expect(new Set(attempts).size).toBe(100);
        expect(Math.max(...attempts.map(Number))).toBe(100);
      });

      it("only the highest attempt of the round may write", async () => {
        const { ref } = await opened();
        await store.claimRun(ref);
        await store.updateRun({ ...ref, attempt: 1 }, { state: "cloning", activity: "cloning" });
        await store.claimRun(ref);
        const zombie = store.updateRun({ ...ref, attempt: 1 }, { turns: 9 });
        await expect(zombie).rejects.toThrow(LeaseLost);
        await expect(zombie).rejects.toThrow("attempt 1 may not write its progress; the row says round 1, attempt 2");
        await expect(store.updateRun({ ...ref, round: 2, attempt: 2 }, { turns: 9 })).rejects.toThrow(LeaseLost);
        expect(await store.updateRun({ ...ref, attempt: 2 }, { turns: 1 })).toMatchObject({
          turns: 1,
          state: "cloning",
        });
      });

      it("no claim in another round, of a run that has ended, or of none", async () => {
        const { ref } = await opened();
        expect(await store.claimRun({ ...ref, round: 2 })).toBeUndefined();
        expect(await store.claimRun({ ...ref, repository: "acme/none" })).toBeUndefined();
        await store.moveRun(ref, ["queued"], { state: "cancelled" });
        expect(await store.claimRun(ref)).toBeUndefined();
      });

      it.each(TERMINAL_STATES)("after it ended as %s, the attempt that still runs can write nothing", async (state) => {
        const { ref } = await opened({ state: statesBefore(state)[0]! });
        await store.claimRun(ref);
        await store.moveRun(ref, statesBefore(state), { state });
        await expect(store.updateRun({ ...ref, attempt: 1 }, { turns: 1 })).rejects.toThrow(LeaseLost);
        await expect(store.updateRun({ ...ref, attempt: 1 }, { state: "failed" })).rejects.toThrow(LeaseLost);
      });

      it("a state is entered only from one that may come before it", async () => {
        const { ref } = await opened();
        await store.claimRun(ref);
        await expect(store.updateRun({ ...ref, attempt: 1 }, { state: "published" })).rejects.toThrow(LeaseLost);
        await store.updateRun({ ...ref, attempt: 1 }, { state: "cloning" });
        await store.updateRun({ ...ref, attempt: 1 }, { state: "working" });
        expect((await store.readRun(ref))?.state).toBe("working");
      });

      it("a value that the schema refuses is refused before it is written", async () => {
        const { ref } = await opened();
        await store.claimRun(ref);
        await expect(store.updateRun({ ...ref, attempt: 1 }, { activity: "x".repeat(201) })).rejects.toThrow();
        expect((await store.readRun(ref))?.activity).toBeUndefined();
      });
    });

    describe("times and fields that the store keeps itself", () => {
      it("start at the first clone, end at the end, and what it was doing goes when it rests", async () => {
        const { ref } = await opened();
        await store.claimRun(ref);
        const lease = { ...ref, attempt: 1 };
        const first = await store.updateRun(lease, { state: "cloning", activity: "cloning" });
        const again = await store.updateRun(lease, { state: "cloning" });
        expect(again.startedAt).toBe(first.startedAt);
        expect(again.activity).toBe("cloning");
        expect(again.endedAt).toBeUndefined();
        const ended = await store.updateRun(lease, { state: "unchanged", ending: "unchanged" });
        expect(ended).toMatchObject({ startedAt: first.startedAt, endedAt: ended.updatedAt });
        expect(ended.activity).toBeUndefined();
      });

      it("an explicit undefined removes, a missing one leaves alone", async () => {
        const { ref } = await opened();
        await store.claimRun(ref);
        const lease = { ...ref, attempt: 1 };
        await store.updateRun(lease, { activity: "reading pom.xml", sandbox: "bubblewrap" });
        const run = await store.updateRun(lease, { activity: undefined, turns: 1, spendUsd: 1e-7 });
        expect(run).toMatchObject({ sandbox: "bubblewrap", spendUsd: 1e-7 });
        expect("activity" in run).toBe(false);
      });
    });

    describe("moving without a lease", () => {
      it("happens once, of a hundred at once", async () => {
        const { ref } = await opened({ state: "awaiting-approval" });
        const moves = await times(100, (i) =>
          store.moveRun(ref, ["awaiting-approval"], { state: i % 2 ? "cancelled" : "patch-ready" }),
        );
        expect(moves.filter(Boolean)).toHaveLength(1);
      });

      it("not in another round, not from another state, not where there is no run", async () => {
        const { ref } = await opened();
        expect(await store.moveRun({ ...ref, round: 2 }, ["queued"], { state: "failed" })).toBeUndefined();
        expect(await store.moveRun(ref, ["working"], { state: "failed" })).toBeUndefined();
        expect(await store.moveRun({ ...ref, repository: "a/b" }, ["queued"], { state: "failed" })).toBeUndefined();
        expect((await store.readRun(ref))?.state).toBe("queued");
      });
    });
  });
