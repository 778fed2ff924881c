import type { App } from "@slack/bolt";
import { type Campaign, type CampaignChange, raisedLimit } from "../../packages/jobs/campaign.ts";
import { failuresIn, isAtLimit } from "../../packages/jobs/campaign-step.ts";
import { UserError } from "../../packages/jobs/errors.ts";
import { CampaignId } from "../../packages/jobs/ids.ts";
import type { AuditAction } from "../../packages/jobs/team.ts";
import { CAMPAIGN_ACTIONS } from "../../packages/views/campaign-card.ts";
import { mayDecide, STALE } from "../access.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { onButton } from "../listen.ts";

/** `shown`: the wave, or the limit, that the button named. */
type Press = { campaign: Campaign; shown: number; failures: () => Promise<number>; by: string; at: string };
type Pressed = { audit: AuditAction; change(press: Press): CampaignChange | Promise<CampaignChange> };

const BUTTONS: Record<string, Pressed> = {
  [CAMPAIGN_ACTIONS.next]: {
    audit: "next-wave",
    change({ campaign, shown: wave, by, at }) {
      if (campaign.stopped) throw new UserError("The campaign has stopped; press Go on below its message first.");
      if (wave !== campaign.waves.length + 1)
        throw new UserError("That wave has started already; look at the message again.");
      if (campaign.asked?.wave === wave) throw new UserError("That wave is on its way: it starts shortly.");
      return { asked: { wave, by, at }, lookAt: undefined };
    },
  },
  [CAMPAIGN_ACTIONS.stop]: {
    audit: "stop-campaign",
    change({ campaign, by, at }) {
      if (campaign.stopped) throw new UserError("The campaign has stopped already.");
      return { stopped: { at, by }, asked: undefined, waitsForPace: undefined, lookAt: undefined };
    },
  },
  [CAMPAIGN_ACTIONS.goOn]: {
    audit: "go-on",
    async change({ campaign, shown, failures, at }) {
      if (!campaign.stopped) throw new UserError("The campaign goes on already.");
      const costLimitUsd = isAtLimit(campaign) ? raisedLimit(campaign) : campaign.costLimitUsd;
      if (isAtLimit(campaign) && costLimitUsd === campaign.costLimitUsd)
        throw new UserError("Its cost limit is as high as it can be: start a second campaign for the rest.");
      if (isAtLimit(campaign) && costLimitUsd !== shown)
        throw new UserError("It has stopped at its cost limit since: look at its message again, and press once more.");
      const forgiven = await failures();
      return { stopped: undefined, forgiven, costLimitUsd, movedAt: at, lookAt: undefined, endedAt: undefined };
    },
  },
};

const MAX_TRIES = 3;

/** Decided on fresh rows; where the timer changed them in between, decided again. */
async function press(deps: SlackDeps, who: Who, value: string | undefined, { change }: Pressed): Promise<void> {
  const [id, shown] = (value ?? "").split(" ");
  const campaignId = CampaignId.safeParse(id).data;
  if (!campaignId) throw new UserError(STALE);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const campaign = await deps.store.readCampaign(campaignId);
    if (campaign?.teamId !== who.teamId) throw new UserError("There is no such campaign in this workspace.");
    if (!mayDecide(campaign, who, deps.settings))
      throw new UserError("Only the person who started the campaign, or an admin of Cody, may do that.");
    const failures = async () => {
      const jobs = await deps.store.jobsById(campaign.waves.map(({ jobId }) => jobId));
      return failuresIn({ campaign, jobs, runs: await deps.store.runsOfJobs(jobs) });
    };
    const at = deps.now().toISOString();
    const changes = await change({ campaign, shown: Number(shown), failures, by: who.userId, at });
    if (!(await deps.store.changeCampaign(campaign, changes))) continue;
    if (!changes.stopped) who.afterAck?.(() => deps.startSoon({ campaignId }));
    return;
  }
  throw new UserError("It was changed just now: look at its message again, and press once more.");
}

/** Start the next wave, Stop and Go on, below the message of a campaign: for its owner and admins. */
export function listenToCampaignButtons(app: App, deps: SlackDeps): void {
  for (const [id, pressed] of Object.entries(BUTTONS))
    onButton(app, id, async ({ value, who }) => {
      const about = value ? { sentence: value } : {};
      await audited(deps, who, { action: pressed.audit, ...about }, () => press(deps, who, value, pressed));
      return undefined;
    });
}
