import { describe, expect, it } from "vitest";
import { type Campaign, jobOfWave, raisedLimit, wavesIn } from "../../packages/jobs/campaign.ts";
import { type CampaignRecord, countWords, nextStep } from "../../packages/jobs/campaign-step.ts";
import { jobIdOfWave } from "../../packages/jobs/ids.ts";
import type { Job } from "../../packages/jobs/job.ts";
import { openingRate } from "../../packages/jobs/opening-pace.ts";
import { because } from "../../packages/jobs/reasons.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { createOpeningPace } from "../../packages/pipeline/opening-pace.ts";
import { type CampaignDeps, runCampaigns } from "../../packages/pipeline/run-campaigns.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { AT, aCampaign, aPatch, aPullRequest, aStartedRun, aStatus } from "../builders.ts";
import { clientOf, memoryTable } from "../store/memory-table.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TEAM = "T1";

/** As it stands: its pull request is open, merged or closed. */
const opened = (state: "open" | "merged" | "closed" = "open"): Partial<RepoRun> => ({
  state: "published",
  patch: aPatch(),
  pullRequest: aPullRequest("acme/a", 1),
  pullRequestStatus: aStatus({ state }),
});

/** A table in memory, one campaign in it, and a clock that the test moves. */
async function world(changes: Partial<Campaign> = {}) {
  const clock = { now: Date.parse(AT) + 1 };
  const table = memoryTable();
  const now = () => new Date(clock.now);
  const store = createJobStore({ documents: clientOf(async (command) => table.answer(command)), table: "t", now });
  const campaign = aCampaign(changes);
  await store.insertCampaign(campaign);
  const read = async () => (await store.readCampaign(campaign.campaignId))!;
  const pass = async (deps: Partial<CampaignDeps> = {}) => {
    clock.now += MINUTE;
    return runCampaigns({
      ...store,
      mayStart: async ({ channelId }) => ({ channelId }),
      refusal: async () => undefined,
      hasRoom: async () => true,
      mayOpen: async () => true,
      deadline: () => new AbortController().signal,
      isOver: () => false,
      now,
      report: (_, error) => {
        throw error;
      },
      ...deps,
    });
  };
  const jobs = async () => (await store.jobsOfTeam(TEAM, { limit: 50 })).items.toReversed();
  /** Repositories of a job as the pipeline leaves them. */
  const end = async (job: Job, run: Partial<RepoRun>, repositories = job.repositories) => {
    const { jobId, teamId, userId } = job;
    for (const repository of repositories) {
      const row = { ...aStartedRun({ repository, ...run }), jobId, teamId, userId };
      await store.openRun(row);
    }
  };
  /** As the watcher writes it. */
  const merge = async ({ jobId, repositories }: Job) => {
    for (const repository of repositories) {
      const watch = { jobId, repository, number: 1, nodeId: "n", movedAt: AT, version: "v" };
      await store.keepPullRequestStatus(watch, aStatus({ state: "merged" }));
    }
  };
  const ask = async () => {
    const found = await read();
    const asked = { wave: found.waves.length + 1, by: "U1", at: now().toISOString() };
    await store.changeCampaign(found, { asked, lookAt: undefined });
  };
  return { clock, store, campaign, read, pass, jobs, end, merge, ask };
}

describe("a campaign", () => {
  it("begins with its first wave, once, however many look at it, and the rest after a person's look", async () => {
    const it = await world();
    await Promise.all([it.pass(), it.pass(), it.pass()]);
    const [first, ...more] = await it.jobs();
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      jobId: jobIdOfWave({ campaignId: it.campaign.campaignId, wave: 1 }),
      repositories: ["acme/a", "acme/b"],
      userId: "U1",
      channelId: "C1",
      options: it.campaign.options,
      campaign: { name: "log4j", wave: 1 },
    });
    await it.end(first!, opened());
    expect(await it.pass()).toEqual({ looked: 1, started: 0, failed: 0 });
    expect(countWords((await it.read()).counts)).toBe("2 open, 5 not started");
    await it.ask();
    expect(await it.pass()).toMatchObject({ started: 1 });
    expect(await it.pass()).toMatchObject({ started: 0 });
    expect((await it.jobs()).map(({ repositories }) => repositories.length)).toEqual([2, 5]);
    expect((await it.read()).asked).toBeUndefined();
    const [one, two] = await it.jobs();
    await it.end(two!, opened());
    await Promise.all([it.merge(one!), it.merge(two!)]);
    await it.pass();
    expect(await it.read()).toMatchObject({ counts: { merged: 7 }, endedAt: expect.any(String) });
    expect(await it.pass()).toMatchObject({ looked: 0 });
  });

  it("that a press and the timer look at together has the openings of its wave counted once", async () => {
    const it = await world();
    const pace = createOpeningPace(it.store, { perHour: 2, atOnce: 5 }, () => new Date(it.clock.now));
    await Promise.all([it.pass(pace), it.pass(pace), it.pass(pace)]);
    expect(await it.read()).toMatchObject({ waves: [{ repositories: ["acme/a", "acme/b"] }] });
    expect(await pace.mayOpen({ teamId: TEAM, repository: "acme/a" })).toBe(true);
    expect(await pace.mayOpen({ teamId: TEAM, repository: "acme/a" })).toBe(false);
  });

  it("that died between a wave's two rows goes on with that very job", async () => {
    const it = await world();
    const died = { insertJob: () => Promise.reject(new Error("gone")), report: () => {} };
    expect(await it.pass(died)).toMatchObject({ failed: 1 });
    expect(await it.jobs()).toEqual([]);
    expect(await it.pass()).toMatchObject({ started: 0, failed: 0 });
    const found = await it.read();
    expect(await it.jobs()).toEqual([jobOfWave(found, found.waves[0]!)]);
    await it.pass();
    expect(await it.jobs()).toHaveLength(1);
  });

  it("takes no wave when its owner may not start it, and says why; a service that is silent leaves it due", async () => {
    const it = await world();
    const silent = { mayStart: () => Promise.reject(new Error("GitHub is silent")), report: () => {} };
    expect(await it.pass(silent)).toMatchObject({ failed: 1 });
    expect((await it.read()).stopped).toBeUndefined();
    const reason = because("campaign-refused", "ada may not write to acme/a.");
    await it.pass({ mayStart: async () => ({ reason }) });
    expect(await it.read()).toMatchObject({ waves: [], stopped: { reason } });
    expect(await it.jobs()).toEqual([]);
  });

  it("waits where repositories may have no further pull request now, and begins with those that may", async () => {
    const it = await world();
    await it.pass({ mayOpen: async () => false });
    expect(await it.read()).toMatchObject({ waves: [], waitsForPace: true });
    await it.pass({ mayOpen: async ({ repository }) => repository === "acme/b" });
    const found = await it.read();
    expect(found.waves).toMatchObject([{ repositories: ["acme/b"] }]);
    expect(found.waitsForPace).toBeUndefined();
  });

  it("goes on with the next ones where the first may open no pull request now, and has their turn later", async () => {
    const it = await world();
    const full = ["acme/a", "acme/c"];
    const asked: string[] = [];
    await it.pass({
      hasRoom: async ({ repository }) => !full.includes(repository),
      refusal: async (_, repository) => void asked.push(repository),
    });
    // GitHub is asked about those alone that may open one.
    expect(asked).toEqual(["acme/b", "acme/d"]);
    const [first] = await it.jobs();
    expect(first!.repositories).toEqual(["acme/b", "acme/d"]);
    await it.end(first!, opened());
    await it.ask();
    await it.pass();
    expect((await it.jobs())[1]!.repositories).toEqual(["acme/a", "acme/c", "acme/e", "acme/f", "acme/g"]);
  });

  it("ends a repository that is refused with the reason, and goes on with the rest; too many are failures", async () => {
    const it = await world();
    const gone = (...names: string[]) => ({
      refusal: async (_: unknown, repository: string) =>
        names.includes(repository) ? because("campaign-repository-refused", `${repository} is not there.`) : undefined,
    });
    const counted: string[] = [];
    const mayOpen = async ({ repository }: { repository: string }) => counted.push(repository) > 0;
    await it.pass({ ...gone("acme/a"), mayOpen });
    expect((await it.jobs()).map(({ repositories }) => repositories)).toEqual([["acme/b", "acme/c"]]);
    expect(counted).toEqual(["acme/b", "acme/c"]);
    const found = await it.read();
    expect(found.refused).toMatchObject([{ repository: "acme/a", reason: { message: "acme/a is not there." } }]);
    expect(countWords(found.counts)).toBe("1 refused, 6 not started");
    await it.end((await it.jobs())[0]!, opened());
    await it.ask();
    // The second failure: it stops, and starts no wave with the rest.
    await it.pass(gone("acme/d"));
    expect(await it.read()).toMatchObject({ stopped: { reason: { code: "campaign-failures" } } });
    expect(await it.jobs()).toHaveLength(1);
    const stopped = await it.read();
    await it.store.changeCampaign(stopped, { stopped: undefined, forgiven: 2, lookAt: undefined });
    await it.ask();
    await it.pass(gone("acme/a", "acme/d"));
    expect((await it.jobs())[1]!.repositories).toEqual(["acme/e", "acme/f", "acme/g"]);
  });

  it("of which all repositories are refused is done, whatever their number", async () => {
    const it = await world({ stopAfter: 99 });
    await it.pass({ refusal: async () => because("campaign-repository-refused", "It is not there.") });
    expect(await it.read()).toMatchObject({ endedAt: expect.any(String), counts: { refused: 7 }, waves: [] });
    expect(await it.jobs()).toEqual([]);
  });

  it("bears no more failures because some that were forgiven have come right", async () => {
    const it = await world({ forgiven: 2 });
    await it.pass();
    await it.end((await it.jobs())[0]!, opened());
    await it.pass();
    expect(await it.read()).toMatchObject({ forgiven: 0 });
  });

  it("is looked at less where nothing moves, and no more once it is stopped and settled", async () => {
    const it = await world();
    await it.pass();
    await it.end((await it.jobs())[0]!, opened());
    await it.pass();
    it.clock.now += DAY;
    await it.pass();
    expect(await it.pass()).toMatchObject({ looked: 0 });
    it.clock.now += HOUR;
    expect(await it.pass()).toMatchObject({ looked: 1 });
    await it.store.changeCampaign(await it.read(), { stopped: { at: AT, by: "U1" }, lookAt: undefined });
    await it.merge((await it.jobs())[0]!);
    await it.pass();
    await it.pass();
    expect(await it.read()).toMatchObject({ endedAt: expect.any(String), counts: { merged: 2, "not-started": 5 } });
  });
});

/** A campaign whose first wave has begun, with its runs so. */
function begun(runs: Partial<RepoRun>[], changes: Partial<Campaign> = {}): CampaignRecord {
  const repositories = ["acme/a", "acme/b"];
  const jobId = jobIdOfWave({ campaignId: aCampaign().campaignId, wave: 1 });
  const campaign = aCampaign({ waves: [{ jobId, repositories, at: AT, channelId: "C1" }], ...changes });
  const rows = runs.map((run, i) => aStartedRun({ jobId, repository: repositories[i]!, ...run }));
  return { campaign, jobs: campaign.waves.map((wave) => jobOfWave(campaign, wave)), runs: rows };
}
const asked = { wave: 2, by: "U1", at: AT };
const failed: Partial<RepoRun> = { state: "failed" };
const rejected: Partial<RepoRun> = { state: "cancelled", reason: because("rejected") };

describe("the next step", () => {
  it.each<[string, CampaignRecord, object]>([
    ["waits for a person", begun([opened(), opened()]), { kind: "wait", for: "person" }],
    ["a press begins the rest", begun([opened(), {}], { asked }), { kind: "start" }],
    [
      "a press for an earlier wave begins nothing",
      begun([opened(), {}], { asked: { ...asked, wave: 1 } }),
      { kind: "wait", for: "person" },
    ],
    [
      "counts the merges that are missing",
      begun([opened("merged"), opened()], { merges: 2 }),
      { kind: "wait", for: "merges", missing: 1 },
    ],
    ["begins after them", begun([opened("merged"), opened("merged")], { merges: 2 }), { kind: "start" }],
    [
      "a wave has no more merges than repositories",
      begun([opened("merged"), opened("merged")], { merges: 5 }),
      { kind: "start" },
    ],
    [
      "what needs no change has nothing to merge",
      begun([{ state: "unchanged" }, opened("merged")], { merges: 2 }),
      { kind: "start" },
    ],
    ["one failure is borne", begun([failed, opened()]), { kind: "wait", for: "person" }],
    ["two stop it", begun([failed, { state: "blocked" }]), { kind: "stop", reason: { code: "campaign-failures" } }],
    ["a closed pull request and a rejection are failures", begun([opened("closed"), rejected]), { kind: "stop" }],
    ["even where a wave was asked for", begun([failed, failed], { asked }), { kind: "stop" }],
    ["what was forgiven counts no more", begun([failed, failed], { asked, forgiven: 2 }), { kind: "start" }],
    [
      "what runs counts with all that it may cost",
      begun([{}, {}], { asked, costLimitUsd: 9 }),
      { kind: "wait", for: "money" },
    ],
    [
      "what has ended counts as what it cost",
      begun([opened(), opened()], { asked, costLimitUsd: 9 }),
      { kind: "start" },
    ],
    [
      "with too little left it stops",
      begun([opened(), opened()], { asked, costLimitUsd: 5 }),
      { kind: "stop", reason: { code: "campaign-cost-limit" } },
    ],
    ["a stopped one stays so", begun([opened(), opened()], { asked, stopped: { at: AT } }), { kind: "stopped" }],
    [
      "the last wave is out",
      begun([opened(), opened("merged")], { repositories: ["acme/a", "acme/b"] }),
      { kind: "wait", for: "running" },
    ],
    ["done", begun([opened("closed"), opened("merged")], { repositories: ["acme/a", "acme/b"] }), { kind: "done" }],
  ])("%s", (_, record, step) => expect(nextStep(record)).toMatchObject(step));

  it("takes no more than a job may have, and names how many waves there are", () => {
    expect(nextStep(begun([opened(), opened()], { asked }))).toEqual({
      kind: "start",
      size: 5,
      repositories: ["acme/c", "acme/d", "acme/e", "acme/f", "acme/g"],
    });
    expect(wavesIn(aCampaign())).toBe(2);
    expect(wavesIn(aCampaign({ repositories: ["acme/a"] }))).toBe(1);
    expect([raisedLimit({ costLimitUsd: 40 }), raisedLimit({ costLimitUsd: 4_000 })]).toEqual([80, 5_000]);
  });
});

describe("pull requests in a repository", () => {
  const numbered = (number: number, status = {}) => ({
    pullRequest: aPullRequest("acme/a", number),
    pullRequestStatus: aStatus({ number, ...status }),
  });
  const many = (count: number, status = {}) => Array.from({ length: count }, (_, i) => numbered(i + 1, status));
  const limits = { perHour: 2, atOnce: 10 };

  it("are opened two an hour, half as fast while checks run, and none while ten are open", () => {
    expect(openingRate([], limits)).toEqual({ everyMs: HOUR / 2, burst: 2 });
    expect(openingRate(many(9), limits)).toEqual({ everyMs: HOUR / 2, burst: 2 });
    expect(openingRate(many(1, { checksRunning: true }), limits)).toEqual({ everyMs: HOUR, burst: 1 });
    expect(openingRate(many(10), limits)).toBeUndefined();
    expect(openingRate(many(10, { state: "merged" }), limits)).toBeDefined();
  });

  it("of several campaigns share one row", async () => {
    const it = await world();
    const at = { now: it.clock.now };
    const { mayOpen, hasRoom } = createOpeningPace(it.store, limits, () => new Date(at.now));
    const of = { teamId: TEAM, repository: "acme/a" };
    const three = await Promise.all([mayOpen(of), mayOpen({ ...of, repository: "Acme/A" }), mayOpen(of)]);
    expect(three.filter(Boolean)).toHaveLength(2);
    expect(await mayOpen({ ...of, repository: "acme/b" })).toBe(true);
    // What was opened this hour is no matter of how many are open.
    expect(await hasRoom(of)).toBe(true);
    at.now += HOUR / 2;
    expect(await mayOpen(of)).toBe(true);
    expect(await mayOpen(of)).toBe(false);
  });
});
