import type { types } from "@slack/bolt";
import { type Campaign, notStarted } from "../../jobs/campaign.ts";
import { countWords } from "../../jobs/campaign-step.ts";
import { plural } from "../../text/counts.ts";
import { dollars } from "../../text/money.ts";
import { stoppedWords } from "../campaign-words.ts";
import { escaped, LIMITS, plain } from "../text.ts";
import { cardLink, mention, when } from "../who-and-when.ts";
import { context, DIVIDER, header } from "./blocks.ts";

export type ListedCampaign = { campaign: Campaign; permalink: string | undefined };

export type CampaignReading = { campaignsOfTeam(teamId: string, limit: number): Promise<ListedCampaign[]> };

/** Home shows so many, the newest. */
export const MAX_CAMPAIGNS = 5;

function stateWordsOf(campaign: Campaign): string {
  if (campaign.stopped) return stoppedWords(campaign);
  if (campaign.endedAt) return "done";
  const left = notStarted(campaign).length;
  return left === 0 ? "all waves have started" : `${plural(campaign.waves.length, "wave")} started`;
}

const blocksOf = ({ campaign, permalink }: ListedCampaign): types.KnownBlock[] => [
  { type: "section", text: plain(campaign.name, LIMITS.header) },
  context(
    [
      stateWordsOf(campaign),
      escaped(countWords(campaign.counts) || plural(campaign.repositories.length, "repository", "repositories")),
      `limit ${dollars(campaign.costLimitUsd)}`,
      mention(campaign.userId),
      when(campaign.createdAt),
      ...cardLink(permalink),
    ].join(" · "),
  ),
];

/** Nothing where there is none: `/cody campaign` starts one. */
export const campaignSection = (all: readonly ListedCampaign[]): types.KnownBlock[] =>
  all.length === 0 ? [] : [header("Campaigns"), ...all.flatMap(blocksOf), DIVIDER];
