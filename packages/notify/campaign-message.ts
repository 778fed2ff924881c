import type { Campaign } from "../jobs/campaign.ts";
import type { Job } from "../jobs/job.ts";
import type { MessageRow } from "../jobs/message-row.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { CAMPAIGN_RENDERINGS, type ShownCampaign } from "../views/campaign-card.ts";
import { inSlot } from "./client.ts";
import type { MessageRows } from "./message-rows.ts";
import { changeMessage, isCurrent, type MessageDeps, openMessage, type ShownMessage } from "./shown-message.ts";

export type CampaignMessageDeps = MessageDeps & {
  store: {
    readShownCampaign(campaignId: string): Promise<{ campaign: Campaign; card: MessageRow | undefined } | undefined>;
    jobsById(jobIds: readonly string[]): Promise<Job[]>;
    runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]>;
    permalinksOf(jobIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
    campaignCards: MessageRows;
  };
};

/** Brings the one message of a campaign in line with the rows. Repeating it changes nothing. */
export async function showCampaign(deps: CampaignMessageDeps, campaignId: string): Promise<void> {
  const message = campaignMessage(deps, campaignId);
  const posted = await openMessage(deps, message);
  if (!posted || (await isCurrent(message))) return;
  await inSlot(deps.rateLimiter.updates, () => changeMessage(deps, message, posted));
}

const campaignMessage = ({ store }: CampaignMessageDeps, campaignId: string): ShownMessage<ShownCampaign> => ({
  id: campaignId,
  called: "message",
  marker: { event_type: "cody_campaign", event_payload: { job_id: campaignId } },
  renderings: CAMPAIGN_RENDERINGS,
  kept: store.campaignCards,
  async read() {
    const read = await store.readShownCampaign(campaignId);
    if (!read) return undefined;
    const { campaign, card } = read;
    const { channelId, userId } = campaign;
    return { channelId, userId, message: card, rows: () => rowsOf(store, campaign) };
  },
});

async function rowsOf(store: CampaignMessageDeps["store"], campaign: Campaign): Promise<ShownCampaign> {
  const ids = campaign.waves.map(({ jobId }) => jobId);
  const [jobs, links] = await Promise.all([store.jobsById(ids), store.permalinksOf(ids)]);
  return { campaign, jobs, runs: await store.runsOfJobs(jobs), links };
}
