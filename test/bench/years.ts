import type { Job } from "../../packages/jobs/job.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { sweep } from "../../packages/pipeline/sweep.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { readHome } from "../../packages/views/history/home-data.ts";
import { type HomeState, readHomeState } from "../../packages/views/history/home-state.ts";
import { readNumbers } from "../../packages/views/history/read-numbers.ts";
import { readSchedules } from "../../packages/views/history/read-schedules.ts";
import { aCampaign, aJob, aPatch, aPullRequest, aRunOf, aSchedule, aStatus, aVerdict } from "../builders.ts";
import type { Figure } from "./figure.ts";
import { meteredTable, type Spent } from "./metered-table.ts";

const TEAM = "T1";
const TABLE_MS = 5;
const DAY_MS = 24 * 60 * 60_000;
const NOW = Date.parse("2026-11-28T12:00:00.000Z");
const REPOSITORIES = 40;

/** A table in which a workspace has worked for years; nothing of it runs any more. */
export async function openYears({
  jobs,
  years,
  schedules,
  campaigns,
}: Record<"jobs" | "years" | "schedules" | "campaigns", number>) {
  const { documents, spent, answers } = meteredTable();
  const clock = { now: NOW };
  const store = createJobStore({ documents, table: "t", now: () => new Date(clock.now) });
  const stepMs = (years * 365 * DAY_MS) / jobs;
  for (let i = 0; i < jobs; i += 1) {
    const createdAt = new Date(NOW - i * stepMs).toISOString();
    const repositories = [0, 1, 2].map((n) => `acme/service-${(i + n) % REPOSITORIES}`);
    const job = aJob({ jobId: idOf("j", i), teamId: TEAM, userId: `U${i % 20}`, createdAt, repositories });
    await keepEnded(store, job, i);
  }
  for (let i = 0; i < schedules; i += 1)
    await store.saveSchedule(aSchedule({ scheduleId: idOf("s", i), name: `job ${i}` }));
  for (let i = 0; i < campaigns; i += 1) {
    const { waves: _, forgiven: __, counts: ___, ...draft } = aCampaign({ campaignId: idOf("c", i) });
    await store.insertCampaign(draft);
    const read = await store.readCampaign(draft.campaignId);
    await store.changeCampaign(read!, { endedAt: new Date(NOW).toISOString() });
  }
  answers.takeMs = TABLE_MS;
  return { store, spent, answers, now: () => new Date(clock.now) };
}
type Years = Awaited<ReturnType<typeof openYears>>;

const idOf = (letter: string, i: number) => `${letter}${i.toString(16).padStart(16, "0")}`;

async function keepEnded(store: Years["store"], job: Job, i: number) {
  await store.insertJob(job);
  await store.markFirstRoundRequested(job.jobId);
  const round = firstRound(job);
  await store.insertRound(round);
  await store.markRoundFinished({ jobId: job.jobId, round: 1 });
  for (const repository of job.repositories) {
    const pullRequest = aPullRequest(repository, i + 1);
    const pullRequestStatus = aStatus({
      number: i + 1,
      head: pullRequest.commit,
      state: "merged",
      mergedAt: job.createdAt,
    });
    const ending = {
      state: "published",
      ending: "changed",
      spendUsd: 0.4,
      verdict: aVerdict(),
      patch: aPatch(),
    } as const;
    await store.openRun(aRunOf(job, { repository, ...ending, pullRequest, pullRequestStatus }));
  }
}

/** What one view reads, and how long a person waits for it. */
export async function spentOn(
  { spent }: Pick<Years, "spent">,
  work: () => Promise<unknown>,
): Promise<Spent & { ms: number }> {
  const before = { ...spent };
  const begun = performance.now();
  await work();
  return {
    ms: performance.now() - begun,
    reads: spent.reads - before.reads,
    writes: spent.writes - before.writes,
    readUnits: spent.readUnits - before.readUnits,
    writeUnits: spent.writeUnits - before.writeUnits,
  };
}

/** Everything that looks at more than one job. */
export function looksOf({ store, now }: Years): Record<string, () => Promise<unknown>> {
  const home = (filter: Partial<HomeState>) => () =>
    readHome({ store, now }, { teamId: TEAM, userId: "U1" }, { ...readHomeState(undefined), ...filter });
  return {
    Home: home({}),
    "Home, my jobs": home({ whose: "mine" }),
    "Home, a repository": home({ repository: "acme/service-1" }),
    "Home, a text that no job has": home({ text: "no such words" }),
    "Home, a state that no job is in": home({ state: "failed" }),
    "/cody report": () => readNumbers({ store, readable: () => true, nameOf: () => undefined }, TEAM, "2026-11"),
    "/cody schedules": () => readSchedules({ store, now }, TEAM),
    campaigns: () => store.campaignsOfTeam(TEAM, 5),
    "the sweeper": () =>
      sweep({
        ...store,
        now,
        startExecution: absent,
        executionStatus: async () => "absent",
        report: () => {},
      } as never),
  };
}
const absent = async () => "";

/** Ten thousand jobs of three repositories each, over three years and within half a year. */
export async function yearsFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const years of [3, 0.5]) {
    const world = await openYears({ jobs: 10_000, years, schedules: 50, campaigns: 100 });
    for (const [name, look] of Object.entries(looksOf(world))) {
      const { ms, reads, readUnits } = await spentOn(world, look);
      const note = `${reads} reads of ${Math.round(readUnits)} units`;
      figures.push({ name: `10,000 jobs in ${years} years: ${name}`, value: ms, goal: 5_000, unit: "ms", note });
    }
  }
  return figures;
}
