import { expect, it } from "vitest";
import { writeSections } from "../../packages/pipeline/write-sections.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { AT, aNewJob, aPullRequest, aRunOf, aStatus } from "../builders.ts";
import { clientOf, memoryTable } from "../store/memory-table.ts";

const MINUTE = 60_000;
const [ORDERS, LEDGER] = ["acme/orders", "acme/ledger"] as const;

it("texts are written a minute after a change, together, once for what they say, and again after a failure", async () => {
  const clock = { now: Date.parse(AT) };
  const table = memoryTable();
  const now = () => new Date(clock.now);
  const store = createJobStore({ documents: clientOf(async (command) => table.answer(command)), table: "t", now });
  const job = aNewJob({ repositories: [ORDERS, LEDGER] });
  await store.insertJob(job);
  for (const repository of job.repositories)
    await store.openRun(aRunOf(job, { repository, state: "published", pullRequest: aPullRequest(repository, 1) }));
  const said = { text: "both are open", isPublic: (_: string) => true };
  const wrote: string[] = [];
  const github = { fails: false };
  const pass = async () => {
    const before = wrote.length;
    await writeSections({
      ...store,
      publicNow: async (_, runs) =>
        new Set(runs.map(({ repository }) => repository).filter((one) => said.isPublic(one))),
      digestOf: (_record, _run, publicNow) => `${said.text} ${[...publicNow].toSorted()}`,
      write: async (_, { repository }) => {
        if (github.fails && repository === LEDGER) throw new Error("503");
        wrote.push(repository);
      },
      now,
      isOver: () => false,
      log: () => {},
    });
    return wrote.slice(before);
  };
  await store.markSections(job.jobId);
  expect(await pass()).toEqual([]);
  clock.now += MINUTE - 1;
  await store.markSections(job.jobId);
  clock.now += 2;
  expect(await store.hasSetWork()).toBe(true);
  github.fails = true;
  expect(await pass()).toEqual([ORDERS]);
  github.fails = false;
  expect(await pass()).toEqual([ORDERS, LEDGER]);
  expect(await store.hasSetWork()).toBe(false);
  expect(await pass()).toEqual([]);

  await store.markSections(job.jobId);
  clock.now += 2 * MINUTE;
  expect(await pass()).toEqual([]);
  // One of them has become private: what was named is taken out.
  said.isPublic = (one) => one === ORDERS;
  await store.markSections(job.jobId);
  clock.now += 2 * MINUTE;
  expect(await pass()).toEqual([ORDERS, LEDGER]);
  said.text = "ledger is merged";
  const watch = { jobId: job.jobId, repository: LEDGER, number: 1, nodeId: "n", movedAt: AT, version: "" };
  await store.keepPullRequestStatus(watch, aStatus({ state: "merged" }));
  await store.markSections(job.jobId);
  clock.now += 2 * MINUTE;
  // What is merged keeps the text that it was merged with.
  expect(await pass()).toEqual([ORDERS]);
});
