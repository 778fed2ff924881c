import type { Campaign } from "../jobs/campaign.ts";
import type { CampaignRecord } from "../jobs/campaign-step.ts";
import type { Job } from "../jobs/job.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { CAMPAIGN_RENDERINGS, renderCampaign, type ShownCampaign } from "../views/campaign-card.ts";
import { type CardContent, hashOf } from "../views/card.ts";
import { inFuture, isDeadClaim, isFixed, MS_BETWEEN_LOOKS, OLDEST_S, QUIET } from "./card-message.ts";
import { inSlot, slackErrorOf } from "./client.ts";
import { isClosedToUs, postAt, readableAt } from "./destination.ts";
import { findMessage, type Marker } from "./find-message.ts";
import { firstTaken } from "./first-taken.ts";
import { permalinkOf } from "./permalink.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** As its row has it: the one message of a campaign. */
type Message = {
  campaignId: string;
  channelId: string;
  ts?: string | undefined;
  claimedAt: string;
  hash?: string | undefined;
  permalink?: string | undefined;
};
type Posted = Message & { ts: string };

export type CampaignMessageDeps = Pick<ThreadDeps, "slack" | "rateLimiter" | "now" | "sleep" | "log"> & {
  store: {
    readShownCampaign(campaignId: string): Promise<{ campaign: Campaign; card: Message | undefined } | undefined>;
    jobsById(jobIds: readonly string[]): Promise<Job[]>;
    runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]>;
    permalinksOf(jobIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
    claimCampaignCard(card: Message): Promise<"claimed" | "exists">;
    updateCampaignCard(campaignId: string, changes: Partial<Message>): Promise<void>;
    keepShownCampaign(campaignId: string, hash: string, before: string | undefined): Promise<"kept" | "overtaken">;
  };
};

/**
 * Brings the message of a campaign in line with the rows: claimed, posted, remembered, and found again after a crash.
 * Repeating it changes nothing.
 */
export async function showCampaign(deps: CampaignMessageDeps, campaignId: string): Promise<void> {
  for (let looks = 0; ; looks++) {
    const read = await deps.store.readShownCampaign(campaignId);
    if (!read) return;
    const { campaign, card } = read;
    if (card?.ts) return change(deps, { ...card, ts: card.ts });
    if (!card) {
      const claim = { campaignId, channelId: campaign.channelId, claimedAt: deps.now().toISOString() };
      if ((await deps.store.claimCampaignCard(claim)) === "claimed") return post(deps, claim);
      continue;
    }
    const isDead = isDeadClaim(deps, card.claimedAt);
    const found = looks === 0 || isDead ? await find(deps, card) : undefined;
    if (found) {
      await deps.store.updateCampaignCard(campaignId, found);
      await change(deps, { ...card, ...found });
      return;
    }
    if (isDead) return post(deps, card);
    await deps.sleep(MS_BETWEEN_LOOKS);
  }
}

const markerOf = (campaignId: string): Marker => ({
  event_type: "cody_campaign",
  event_payload: { job_id: campaignId },
});

const find = (deps: CampaignMessageDeps, { campaignId, channelId, claimedAt }: Message) =>
  readableAt(deps.slack, channelId, async (channel) => {
    const since = String(Math.min(Date.parse(claimedAt), deps.now().getTime()) / 1_000 - OLDEST_S);
    const ts = await findMessage(deps.slack, { channel, since }, markerOf(campaignId));
    return ts && { channelId: channel, ts };
  });

async function shownOf(
  { store }: CampaignMessageDeps,
  campaignId: string,
): Promise<{ shown: ShownCampaign; hash: string | undefined }> {
  const read = await store.readShownCampaign(campaignId);
  if (!read) throw new Error(`Campaign ${campaignId} has gone.`);
  const ids = read.campaign.waves.map(({ jobId }) => jobId);
  const [jobs, links] = await Promise.all([store.jobsById(ids), store.permalinksOf(ids)]);
  const record: CampaignRecord = { campaign: read.campaign, jobs, runs: await store.runsOfJobs(jobs) };
  return { shown: { ...record, links }, hash: read.card?.hash };
}

const send = <Answer>(
  deps: CampaignMessageDeps,
  shown: ShownCampaign,
  call: (content: CardContent) => Promise<Answer>,
) =>
  firstTaken(
    CAMPAIGN_RENDERINGS.map((render) => () => render(shown)),
    call,
    (why) => deps.log(`${shown.campaign.campaignId}: its message: ${why}`),
  );

/** In its channel, or to its owner directly where the channel is closed to the app. */
async function post(deps: CampaignMessageDeps, claim: Message): Promise<void> {
  const { campaignId } = claim;
  const { shown } = await shownOf(deps, campaignId);
  const renew = (waitMs: number) => deps.store.updateCampaignCard(campaignId, { claimedAt: inFuture(deps, waitMs) });
  const metadata = markerOf(campaignId);
  const postIn = (home: string) =>
    postAt(deps.slack, home, (channel) =>
      inSlot(
        deps.rateLimiter.posts(channel),
        () => send(deps, shown, (content) => deps.slack.chat.postMessage({ channel, ...content, ...QUIET, metadata })),
        renew,
      ),
    );
  const { userId } = shown.campaign;
  const answer = await postIn(claim.channelId).catch(async (error) => {
    if (!isClosedToUs(error)) throw error;
    // Stored first: after a crash the message is looked for there.
    await deps.store.updateCampaignCard(campaignId, { channelId: userId });
    return postIn(userId);
  });
  if (!answer.ts || !answer.channel) throw new Error(`Slack posted no message for ${campaignId}.`);
  const at = { channelId: answer.channel, ts: answer.ts };
  await deps.store.updateCampaignCard(campaignId, { ...at, hash: hashOf(renderCampaign(shown)) });
  const permalink = await permalinkOf(deps, { ...at, id: campaignId });
  if (permalink) await deps.store.updateCampaignCard(campaignId, { permalink });
}

/** Until what Slack shows is what the rows say: another process may show an older state meanwhile. */
async function change(deps: CampaignMessageDeps, { campaignId, channelId: channel, ts }: Posted): Promise<void> {
  for (;;) {
    const { shown, hash: before } = await shownOf(deps, campaignId);
    const hash = hashOf(renderCampaign(shown));
    if (hash === before) return;
    try {
      await inSlot(deps.rateLimiter.updates, () =>
        send(deps, shown, (content) => deps.slack.chat.update({ channel, ts, ...content, ...QUIET })),
      );
    } catch (error) {
      // A person deleted it or archived its channel: a second one is not ours to post.
      if (!isFixed(error)) throw error;
      deps.log(`${campaignId}: its message cannot be changed any more: ${slackErrorOf(error)}`);
    }
    if ((await deps.store.keepShownCampaign(campaignId, hash, before)) === "kept") return;
  }
}
