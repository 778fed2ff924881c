import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { z } from "zod";
import { Campaign, type CampaignChange, CampaignDraft } from "../jobs/campaign.ts";
import { CampaignId } from "../jobs/ids.ts";
import { MessageRow } from "../jobs/message-row.ts";
import { expiring } from "./expiry.ts";
import { createIndexPages } from "./index-pages.ts";
import { createMessageRows } from "./message-rows.ts";
import { createOpenRows } from "./open-rows.ts";
import { createReadRows } from "./read-rows.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import { OFF_THE_LIST, type Row, type RowKey } from "./rows.ts";
import { createWrites, EITHER_WAY } from "./writes.ts";

/** As it was read: `version` tells whether it has changed since. */
export type StoredCampaign = Campaign & { version: string };

/** Row `CAMPAIGN#id / CARD`: the one message of a campaign. It is a row of its own: showing it wakes nothing. */
const CampaignCard = MessageRow.extend({ campaignId: CampaignId });
export type CampaignCard = z.infer<typeof CampaignCard>;

/** In the index `open`, beside the sweeper's list: `openSince` is when it is looked at next. */
export const CAMPAIGNS = "campaign";

const partitionOf = (campaignId: string) => `CAMPAIGN#${campaignId}`;
const keyOf = (campaignId: string): RowKey => ({ pk: partitionOf(campaignId), sk: "CAMPAIGN" });
const draftKey = (campaignId: string): RowKey => ({ pk: partitionOf(campaignId), sk: "DRAFT" });
const campaignCardKey = (campaignId: string): RowKey => ({ pk: partitionOf(campaignId), sk: "CARD" });

const campaignIn = (row: Row): StoredCampaign | undefined =>
  row.sk === "CAMPAIGN" ? { ...Campaign.parse(row), version: String(row.version) } : undefined;
const cardIn = (row: Row | undefined) => row && CampaignCard.parse(row);
/** In the index of a team's jobs, in a partition of its own. */
const listOf = (teamId: string) => `${teamId}#campaigns`;
const dueOf = ({ endedAt, lookAt, createdAt }: Pick<Campaign, "endedAt" | "lookAt" | "createdAt">) =>
  endedAt === undefined ? { open: CAMPAIGNS, openSince: lookAt ?? createdAt } : OFF_THE_LIST;

type Deps = { documents: DynamoDBDocumentClient; table: string; now: () => Date; unreadable?: Unreadable };

export const createCampaigns = (deps: Deps) => {
  const { documents, table, now } = deps;
  const writes = createWrites(deps);
  const page = createIndexPages(deps);
  const openRows = createOpenRows(deps);
  const readRows = createReadRows(deps);
  const readable = readableRows(deps.unreadable);

  return {
    /** In place of what the same form asked for before. */
    async saveCampaignDraft(draft: CampaignDraft): Promise<void> {
      const absent = Object.fromEntries(Object.keys(CampaignDraft.shape).map((name) => [name, undefined]));
      const set = { ...absent, ...CampaignDraft.parse(draft), ...expiring(now(), "day") };
      await writes.update(draftKey(draft.campaignId), { set }, EITHER_WAY);
    },

    async readCampaignDraft(campaignId: string): Promise<CampaignDraft | undefined> {
      const row = await writes.read(draftKey(campaignId));
      return row && CampaignDraft.parse(row);
    },

    /** "exists": the same form was submitted before. */
    async insertCampaign(draft: CampaignDraft): Promise<"created" | "exists"> {
      const campaign = Campaign.parse(draft);
      const { campaignId, teamId, createdAt } = campaign;
      const listed = { team: listOf(teamId), time: `${createdAt}#${campaignId}`, ...dueOf(campaign) };
      const { written } = await writes.putIfAbsent({ ...keyOf(campaignId), ...campaign, ...listed });
      return written ? "created" : "exists";
    },

    async readCampaign(campaignId: string): Promise<StoredCampaign | undefined> {
      const row = await writes.read(keyOf(campaignId));
      return row && campaignIn(row);
    },

    /** undefined: it was changed since it was read, and nothing was written. */
    async changeCampaign(read: StoredCampaign, change: CampaignChange): Promise<StoredCampaign | undefined> {
      const asRead = { expression: "#version = :before", values: { before: read.version } };
      const set = { ...change, ...dueOf({ ...read, ...change, createdAt: read.createdAt }) };
      const result = await writes.update(keyOf(read.campaignId), { set }, asRead);
      return result.written ? campaignIn(result.row) : undefined;
    },

    /** In pages, the most overdue first. What has been looked at since the index was read is left out. */
    async *dueCampaigns(): AsyncGenerator<StoredCampaign[]> {
      for await (const rows of openRows(CAMPAIGNS, { before: now().toISOString() })) yield readable(rows, campaignIn);
    },

    /** Newest first, each with where its message is. */
    async campaignsOfTeam(
      teamId: string,
      limit: number,
    ): Promise<{ campaign: Campaign; permalink: string | undefined }[]> {
      const { rows } = await page("jobsOfTeam", listOf(teamId), { limit });
      const campaigns = readable(rows, campaignIn);
      const cards = readable(await readRows(campaigns.map(({ campaignId }) => campaignCardKey(campaignId))), cardIn);
      return campaigns.map((campaign) => ({
        campaign,
        permalink: cards.find(({ campaignId }) => campaignId === campaign.campaignId)?.permalink,
      }));
    },

    /** With its message, consistently. */
    async readShownCampaign(
      campaignId: string,
    ): Promise<{ campaign: StoredCampaign; card: CampaignCard | undefined } | undefined> {
      const { Items = [] } = await documents.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": partitionOf(campaignId) },
        }),
      );
      const campaign = Items.map(campaignIn).find((one) => one !== undefined);
      return campaign && { campaign, card: cardIn(Items.find(({ sk }) => sk === "CARD")) };
    },

    /** By the id of the campaign. */
    campaignCards: createMessageRows({ writes, keyOf: campaignCardKey, ownOf: (campaignId) => ({ campaignId }) }),
  };
};
