import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobStore } from "../../packages/store/jobs.ts";
import { AT, aCampaign, aNewJob, later } from "../builders.ts";
import { openStore } from "./backends.ts";

/** The rows of both kinds of message keep the same promises. */
export const messageRowsContract = (table: { url: string }) =>
  describe("messages", () => {
    let opened: ReturnType<typeof openStore>;
    beforeAll(() => {
      opened = openStore(table.url);
    });
    afterAll(() => opened.documents.destroy());

    const kinds = [
      ["the card of a job", "cards"],
      ["the message of a campaign", "campaignCards"],
    ] as const satisfies [string, keyof JobStore][];

    describe.each(kinds)("%s", (_, kind) => {
      async function begun() {
        const { store } = opened;
        const job = aNewJob();
        const campaignId = job.jobId.replace("j", "c");
        const id = kind === "cards" ? job.jobId : campaignId;
        await store.insertJob(job);
        await store.insertCampaign(aCampaign({ campaignId }));
        const read = async () =>
          kind === "cards" ? (await store.readJob(id))?.card : (await store.readShownCampaign(id))?.card;
        return { id, rows: store[kind], read };
      }
      const claim = { channelId: "C1", claimedAt: AT };

      it("is claimed once, and goes on with or is taken over from a claim as it was read, until it is posted", async () => {
        const { id, rows, read } = await begun();
        const claims = await Promise.all(Array.from({ length: 20 }, () => rows.claim(id, claim)));
        expect(claims.filter((one) => one === "claimed")).toHaveLength(1);
        const at = [AT, later(1), later(2), later(3)] as const;
        const both = await Promise.all([1, 2].map((n) => rows.renew(id, at[0], { claimedAt: at[n]! })));
        expect(both.toSorted()).toEqual(["lost", "renewed"]);
        const held = (await read())!.claimedAt;
        expect(await rows.renew(id, held, { claimedAt: at[3], channelId: "U1" })).toBe("renewed");
        expect(await read()).toMatchObject({ claimedAt: at[3], channelId: "U1" });
        expect(await rows.keepPosted(id, { channelId: "D1", ts: "17.1", hash: "a", shownAt: AT })).toBe("kept");
        expect(await rows.renew(id, at[3], { claimedAt: at[0], channelId: "C9" })).toBe("lost");
        expect(await read()).toMatchObject({ claimedAt: at[3], channelId: "D1", ts: "17.1", hash: "a" });
      });

      it("is one message: the first one that is kept, which another one and what it first showed do not replace", async () => {
        const { id, rows, read } = await begun();
        await expect(rows.keepPosted(id, { channelId: "C1", ts: "17.1" })).rejects.toThrow("There is no row");
        await rows.claim(id, claim);
        expect(await rows.keepPosted(id, { channelId: "C1", ts: "17.1" })).toBe("kept");
        expect(await rows.keepShown(id, { hash: "newer", shownAt: AT }, undefined)).toBe("kept");
        expect(await rows.keepPosted(id, { channelId: "C1", ts: "17.1", hash: "first", shownAt: AT })).toBe("kept");
        expect(await rows.keepPosted(id, { channelId: "C1", ts: "17.2", hash: "other" })).toBe("overtaken");
        await rows.keepLink(id, "https://slack.example/p1");
        expect(await read()).toMatchObject({ ts: "17.1", hash: "newer", permalink: "https://slack.example/p1" });
      });

      it("shows what was shown last: what another process has shown meanwhile is not overwritten", async () => {
        const { id, rows, read } = await begun();
        await rows.claim(id, claim);
        const keep = (hash: string, before: string | undefined) => rows.keepShown(id, { hash, shownAt: AT }, before);
        expect(await keep("h1", undefined)).toBe("kept");
        expect(await keep("h2", undefined)).toBe("overtaken");
        expect(await keep("h2", "h1")).toBe("kept");
        expect(await keep("h3", "h1")).toBe("overtaken");
        expect((await read())?.hash).toBe("h2");
      });
    });
  });
