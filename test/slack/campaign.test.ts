import { beforeEach, describe, expect, it } from "vitest";
import { jobOfWave, waveFrom } from "../../packages/jobs/campaign.ts";
import { because } from "../../packages/jobs/reasons.ts";
import { showCampaigns } from "../../packages/notify/campaigns.ts";
import { checkMessageBlocks } from "../../packages/stand-ins/slack/blocks/message.ts";
import type { Person } from "../../packages/stand-ins/slack/person.ts";
import { CAMPAIGN_ACTIONS, CAMPAIGN_RENDERINGS, renderCampaign } from "../../packages/views/campaign-card.ts";
import { CAMPAIGN_FIELDS, CAMPAIGN_JOB_ACTION } from "../../packages/views/campaign-form.ts";
import { AT, aCampaign, aPatch, aPullRequest, aStartedRun, aStatus } from "../builders.ts";
import { historyWorld, homeAfter, NOW, wordsOf } from "./history-world.ts";
import { wrongWithBlocks } from "./types/check.ts";

const TEAM = "T0LOCAL";
const world = historyWorld();

async function form(person: Person = world.requester) {
  await person.command("/cody campaign");
  return person.modal();
}
const campaigns = async () => (await world.store.campaignsOfTeam(TEAM, 50)).map(({ campaign }) => campaign);
/** The only one that a test has made: the table is that of the whole file. */
const known = new Set<string>();
beforeEach(async () => {
  for (const { campaignId } of await campaigns()) known.add(campaignId);
});
const made = async () => {
  const [campaign, ...more] = (await campaigns()).filter(({ campaignId }) => !known.has(campaignId));
  expect(more).toEqual([]);
  return campaign;
};
const deps = () => ({ ...world.workspace.thread, store: world.store });
const show = (campaignId: string, sequenceNumber = "1") => showCampaigns(deps(), [{ campaignId, sequenceNumber }], []);
const messages = () =>
  world.workspace.slack.workspace
    .messages("C0CODY")
    .filter(({ metadata }) => metadata?.event_type === "cody_campaign")
    .map(({ ts, blocks = [] }) => ({ ts, blocks }));

/** Through both steps of the form. */
async function start(modal: Awaited<ReturnType<typeof form>>, fields: Record<string, string>) {
  await modal.fill(fields);
  await modal.submit();
  await (await world.requester.modal()).submit();
  return (await made())!;
}
const started = async (fields: Record<string, string> = {}) =>
  start(await form(), {
    [CAMPAIGN_FIELDS.prompt]: "Raise log4j",
    [CAMPAIGN_FIELDS.repositories]: "acme/*",
    ...fields,
  });

/** Its next wave, as the timer begins it and the pipeline ends it. */
async function wave(campaignId: string, state: "published" | "failed" = "published") {
  const read = (await world.store.readCampaign(campaignId))!;
  const repositories = read.repositories.slice(read.waves.length, read.waves.length + 1);
  const next = waveFrom(read, { repositories, at: NOW.toISOString(), channelId: read.channelId });
  const changed = (await world.store.changeCampaign(read, { waves: [...read.waves, next] }))!;
  const job = jobOfWave(changed, changed.waves.at(-1)!);
  await world.store.insertJob(job);
  for (const repository of repositories) {
    const pullRequest = state === "published" ? { patch: aPatch(), pullRequest: aPullRequest(repository, 7) } : {};
    await world.store.openRun({
      ...aStartedRun({ repository, state, ...pullRequest }),
      jobId: job.jobId,
      teamId: TEAM,
      userId: job.userId,
    });
  }
  await show(campaignId);
}

describe("the form of a campaign", () => {
  it("shows which repositories and waves it means before anything starts, and starts once", async () => {
    const modal = await form();
    await modal.fill({
      [CAMPAIGN_FIELDS.prompt]: "Raise log4j-core",
      [CAMPAIGN_FIELDS.repositories]: "acme/s* acme/docs",
      [CAMPAIGN_FIELDS.next]: "2",
      [CAMPAIGN_FIELDS.limit]: "12",
    });
    await modal.submit();
    const preview = await world.requester.modal();
    expect(wordsOf(preview.view)).toMatch(
      /Raise log4j-core\n?.*3 repositories in 2 waves: 1 first, then 5 at a time after 2 merges of the one before; it stops after 2 failures/s,
    );
    expect(wordsOf(preview.view)).toMatch(/all of them \$10\.00 at most\..*acme\/docs, acme\/shop, acme\/site/s);
    expect(await made()).toBeUndefined();
    await preview.submit();
    const campaign = (await made())!;
    expect(campaign).toMatchObject({
      userId: "U0REQUESTER",
      channelId: "C0CODY",
      name: "Raise log4j-core",
      repositories: ["acme/docs", "acme/shop", "acme/site"],
      options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 5 },
      merges: 2,
      costLimitUsd: 12,
      waves: [],
    });
    // The same form submitted once more is the same campaign.
    expect(await world.store.insertCampaign(campaign)).toBe("exists");
  });

  it("takes a saved job with its options, and says in a sentence what is wrong beside its field", async () => {
    const options = { delivery: "draft-pr" as const, model: "claude-haiku-5-5", capUsd: 4, verifyCommand: "npm test" };
    await world.store.saveTemplate(
      {
        teamId: TEAM,
        name: "log4j",
        prompt: "Raise it",
        repositories: ["acme/x"],
        options,
        savedBy: "U0REQUESTER",
        savedAt: AT,
      },
      { anybodys: true },
    );
    const modal = await form();
    expect((await modal.suggest(CAMPAIGN_JOB_ACTION, "log")).map(({ value }) => value)).toEqual(["log4j"]);
    const errorsWith = async (fields: Record<string, string>) => {
      await modal.fill(fields);
      const submitted = await modal.submit();
      return "errors" in submitted ? Object.entries(submitted.errors).map((one) => one.join(": ")) : submitted;
    };
    expect(await errorsWith({ [CAMPAIGN_FIELDS.repositories]: "nobody/*" })).toEqual([
      "campaign-prompt: Say what Cody should do: the prompt is empty.",
      "campaign-repositories: No repository that Cody may use here fits nobody/*.",
    ]);
    const fields = {
      [CAMPAIGN_FIELDS.job]: "log4j",
      [CAMPAIGN_FIELDS.repositories]: "a*/b",
      [CAMPAIGN_FIELDS.stopAfter]: "0",
    };
    expect(await errorsWith(fields)).toEqual([
      "campaign-repositories: Write a pattern as owner/name, owner/* or owner/svc-*; not so: a*/b.",
      "campaign-stop-after: It stops after one failure at the earliest.",
    ]);
    const low = {
      [CAMPAIGN_FIELDS.repositories]: "acme/*",
      [CAMPAIGN_FIELDS.stopAfter]: "1",
      [CAMPAIGN_FIELDS.limit]: "3",
    };
    expect(await errorsWith(low)).toEqual([
      "campaign-limit: The job of a wave may cost $4.00: with less than that none would start.",
    ]);
    const campaign = await start(modal, { [CAMPAIGN_FIELDS.limit]: "40" });
    expect(campaign).toMatchObject({ name: "log4j", prompt: "Raise it", options, stopAfter: 1 });
  });
});

describe("the message of a campaign", () => {
  it("is one table, whatever changes; a person starts the next wave, stops it and lets it go on", async () => {
    const { campaignId } = await started();
    await Promise.all([show(campaignId), show(campaignId)]);
    expect(messages()).toHaveLength(1);
    expect(wordsOf(messages()[0]!)).toContain("Wave 1 starts shortly.");
    await wave(campaignId);
    const shown = () => wordsOf(messages()[0]!);
    expect(shown()).toMatch(/1 open, 5 not started/);
    expect(shown()).toMatch(/Repository of acme.* api open #7 1 docs not started/s);
    expect(shown()).toContain("Look at wave 1, then press *Start wave 2*.");
    const press = async (action: string, person = world.requester) => {
      const said = await person.click(messages()[0]!.ts, action);
      await show(campaignId);
      return said;
    };
    await press(CAMPAIGN_ACTIONS.next, world.second);
    expect((await made())!.asked).toBeUndefined();
    await press(CAMPAIGN_ACTIONS.next);
    await expect.poll(async () => (await made())!.asked).toMatchObject({ wave: 2, by: "U0REQUESTER" });
    await press(CAMPAIGN_ACTIONS.stop);
    await expect.poll(async () => (await made())!.stopped).toMatchObject({ by: "U0REQUESTER" });
    await show(campaignId);
    expect(shown()).toMatch(/Stopped by .*no further wave starts/);
    await press(CAMPAIGN_ACTIONS.goOn);
    await expect.poll(async () => (await made())!.stopped).toBeUndefined();
    expect(messages()).toHaveLength(1);
    expect(await homeAfter(world.requester, () => world.requester.openHome())).toMatch(
      /Campaigns.*Raise log4j.*1 wave started/s,
    );
  });

  it("that was posted by a process which died before it could say so is found and not posted again", async () => {
    const { campaignId } = await started();
    const died = () => Promise.reject(new Error("died"));
    const store = { ...world.store, campaignCards: { ...world.store.campaignCards, keepPosted: died } };
    expect(await showCampaigns({ ...deps(), store }, [{ campaignId, sequenceNumber: "9" }], [])).toEqual({
      batchItemFailures: [{ itemIdentifier: "9" }],
    });
    expect(messages()).toHaveLength(1);
    expect(await show(campaignId)).toEqual({ batchItemFailures: [] });
    await wave(campaignId, "failed");
    expect(messages()).toHaveLength(1);
    expect(wordsOf(messages()[0]!)).toContain("1 failed");
  });

  it("at its cost limit offers a higher one, and a press on what is over says so", async () => {
    const { campaignId } = await started({ [CAMPAIGN_FIELDS.limit]: "9" });
    await wave(campaignId);
    const reason = because("campaign-cost-limit", 5, 9, 5);
    await world.store.changeCampaign((await world.store.readCampaign(campaignId))!, { stopped: { at: AT, reason } });
    await show(campaignId);
    expect(wordsOf(messages()[0]!)).toContain("Raise the limit to $18.00");
    const stale = messages()[0]!;
    await world.requester.click(stale.ts, CAMPAIGN_ACTIONS.goOn);
    await expect.poll(async () => await made()).toMatchObject({ costLimitUsd: 18 });
    await world.requester.click(stale.ts, CAMPAIGN_ACTIONS.goOn);
    expect(await made()).toMatchObject({ costLimitUsd: 18 });
    // It has stopped at the new limit since: the button named another one.
    await world.store.changeCampaign((await world.store.readCampaign(campaignId))!, { stopped: { at: AT, reason } });
    const refusals = async () =>
      (await world.store.readAudit({ teamId: TEAM }, { limit: 99 })).filter(
        ({ action, result }) => action === "go-on" && result === "refused",
      ).length;
    const before = await refusals();
    await world.requester.click(stale.ts, CAMPAIGN_ACTIONS.goOn);
    await expect.poll(refusals).toBe(before + 1);
    expect(await made()).toMatchObject({ costLimitUsd: 18, stopped: { reason } });
  });

  it("fits Slack with the most repositories, the longest names and hostile words", () => {
    const repositories = Array.from({ length: 99 }, (_, i) => `${"o".repeat(39)}/${"r".repeat(96)}-${i}`);
    const campaign = aCampaign({
      repositories,
      name: "<!channel> *x*",
      prompt: "<@U1> ".repeat(500).trim(),
      merges: 3,
    });
    const next = waveFrom(campaign, { repositories: repositories.slice(0, 5), at: AT, channelId: "C1" });
    const withWave = { ...campaign, waves: [next] };
    const runs = next.repositories.map((repository) =>
      aStartedRun({
        jobId: next.jobId,
        repository,
        state: "published",
        patch: aPatch(),
        pullRequest: aPullRequest(repository, 1),
        pullRequestStatus: aStatus({ checks: "failed", failed: ["<!here>".repeat(14)], failedCount: 900 }),
      }),
    );
    const links = new Map([[next.jobId, "https://slack.example/archives/C1/p1"]]);
    for (const shown of [campaign, withWave])
      for (const render of CAMPAIGN_RENDERINGS) {
        const { text, blocks } = render({ campaign: shown, jobs: [jobOfWave(withWave, next)], runs, links });
        expect(checkMessageBlocks(blocks)).toEqual({ ok: true });
        expect(wrongWithBlocks(blocks)).toEqual([]);
        expect(text).not.toMatch(/<!|<@U1> <@/);
      }
    const short = aCampaign({ repositories: Array.from({ length: 99 }, (_, i) => `acme/service-${i}`) });
    const { blocks } = renderCampaign({ campaign: short, jobs: [], runs: [], links });
    expect(blocks.find(({ type }) => type === "table")).toMatchObject({ rows: { length: 100 } });
  });
});
