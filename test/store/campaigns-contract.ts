import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Campaign } from "../../packages/jobs/campaign.ts";
import { campaignIdOf } from "../../packages/jobs/ids.ts";
import { createJobStore, type JobStore } from "../../packages/store/jobs.ts";
import { aCampaign, aNewJob } from "../builders.ts";
import { TABLE } from "../stand-ins/dynamodb-folder.ts";
import { openStore } from "./backends.ts";

const AT = "2026-11-30T05:00:00.000Z";

export const campaignsContract = (table: { url: string }) =>
  describe("campaigns", () => {
    let store: JobStore;
    let documents: DynamoDBDocumentClient;
    let now = new Date(AT);
    beforeAll(() => {
      documents = openStore(table.url).documents;
      store = createJobStore({ documents, table: TABLE, now: () => now });
    });
    afterAll(() => documents.destroy());

    const draft = (teamId: string, changes: Partial<Campaign> = {}) => {
      const { waves, forgiven, counts, refused, ...asked } = aCampaign({ createdAt: AT, ...changes });
      return { ...asked, teamId, campaignId: campaignIdOf({ teamId, viewId: changes.name ?? "V1" }) };
    };
    const due = async (at: string) => {
      now = new Date(at);
      const found: string[] = [];
      for await (const page of store.dueCampaigns()) found.push(...page.map(({ campaignId }) => campaignId));
      return found;
    };

    it("are drafts that a form may replace, and start once; a team's are listed, and no job's list holds them", async () => {
      const { teamId } = aNewJob();
      await store.saveCampaignDraft(draft(teamId, { merges: 3 }));
      const asked = draft(teamId);
      await store.saveCampaignDraft(asked);
      expect(await store.readCampaignDraft(asked.campaignId)).toEqual(asked);
      expect(await store.campaignsOfTeam(teamId, 5)).toEqual([]);
      const both = await Promise.all([store.insertCampaign(asked), store.insertCampaign(asked)]);
      expect(both.toSorted()).toEqual(["created", "exists"]);
      const later = draft(teamId, { name: "later", createdAt: "2026-11-30T06:00:00.000Z" });
      await store.insertCampaign(later);
      await store.campaignCards.claim(later.campaignId, { channelId: "C1", claimedAt: AT });
      await store.campaignCards.keepLink(later.campaignId, "https://slack.example/p1");
      expect(
        (await store.campaignsOfTeam(teamId, 5)).map(({ campaign, permalink }) => [campaign.name, permalink]),
      ).toEqual([
        ["later", "https://slack.example/p1"],
        ["log4j", undefined],
      ]);
      expect((await store.jobsOfTeam(teamId, { limit: 5 })).items).toEqual([]);
    });

    it("are due until they have ended, later where that is said, and changed only as they were read", async () => {
      const { teamId } = aNewJob();
      const asked = draft(teamId);
      await store.insertCampaign(asked);
      expect(await due(AT)).not.toContain(asked.campaignId);
      expect(await due("2026-11-30T05:00:01.000Z")).toContain(asked.campaignId);
      const read = (await store.readCampaign(asked.campaignId))!;
      const lookAt = "2026-11-30T07:00:00.000Z";
      const changed = (await store.changeCampaign(read, { lookAt, waitsForPace: true }))!;
      expect(await store.changeCampaign(read, { waitsForPace: undefined })).toBeUndefined();
      expect(await due("2026-11-30T06:59:00.000Z")).not.toContain(asked.campaignId);
      expect(await due("2026-11-30T07:01:00.000Z")).toContain(asked.campaignId);
      await store.changeCampaign(changed, { endedAt: AT, waitsForPace: undefined });
      expect(await due("2026-12-30T07:01:00.000Z")).not.toContain(asked.campaignId);
      expect((await store.readCampaign(asked.campaignId))!.waitsForPace).toBeUndefined();
    });

    it("are read with their message", async () => {
      const { teamId } = aNewJob();
      const asked = draft(teamId);
      const { campaignId } = asked;
      expect(await store.readShownCampaign(campaignId)).toBeUndefined();
      await store.saveCampaignDraft(asked);
      await store.insertCampaign(asked);
      expect((await store.readShownCampaign(campaignId))?.card).toBeUndefined();
      await store.campaignCards.claim(campaignId, { channelId: "C1", claimedAt: AT });
      expect(await store.readShownCampaign(campaignId)).toMatchObject({
        campaign: { campaignId, repositories: asked.repositories },
        card: { campaignId, channelId: "C1", claimedAt: AT },
      });
    });
  });
