import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstRound } from "../../packages/jobs/round.ts";
import type { JobStore } from "../../packages/store/jobs.ts";
import { LeaseLost } from "../../packages/store/lease-lost.ts";
import { AT, aNewJob, aRunOf } from "../builders.ts";
import { openStore } from "./backends.ts";

/** Between client and table: passes a write on and cuts the line instead of handing back the answer, when told to. */
async function startLossyLine(target: string) {
  let lose = 0;
  let lost = 0;
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { host } = request.headers;
    const forward = http.request(target, { method: "POST", headers: { ...request.headers, host }, path: request.url });
    forward.end(Buffer.concat(chunks));
    const [answer] = (await once(forward, "response")) as [http.IncomingMessage];
    const isWrite =
      /Item$/.test(String(request.headers["x-amz-target"])) &&
      !/GetItem$/.test(String(request.headers["x-amz-target"]));
    if (isWrite && lose > 0) {
      lose--;
      lost++;
      answer.resume();
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseNext: () => {
      lose = 1;
    },
    lost: () => lost,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const lostAnswersContract = (table: { url: string }) =>
  describe("a write whose answer is lost", () => {
    let store: JobStore;
    let line: Awaited<ReturnType<typeof startLossyLine>>;
    let documents: DynamoDBDocumentClient;
    beforeAll(async () => {
      line = await startLossyLine(table.url);
      ({ store, documents } = openStore(line.url));
    });
    afterAll(() => {
      documents.destroy();
      line.stop();
    });

    /** The client repeats the request by itself; the repeat meets a condition that our own first try has made false. */
    async function losing<T>(act: () => Promise<T>): Promise<T> {
      const before = line.lost();
      line.loseNext();
      const result = await act();
      expect(line.lost()).toBe(before + 1);
      return result;
    }

    it("a job, a round and a card are still known as created by this call", async () => {
      const job = aNewJob();
      const { jobId, createdAt: claimedAt } = job;
      expect(await losing(() => store.insertJob(job))).toBe("created");
      expect(await losing(() => store.insertRound(firstRound(job)))).toBe("created");
      expect(await losing(() => store.cards.claim(jobId, { channelId: "C1", claimedAt }))).toBe("claimed");
      expect(await losing(() => store.cards.renew(jobId, claimedAt, { claimedAt: AT }))).toBe("renewed");
      expect(await losing(() => store.cards.keepPosted(jobId, { channelId: "C1", ts: "17.1" }))).toBe("kept");
      expect(await store.insertJob(job)).toBe("exists");
    });

    it("a run that moved to its end by this call is not taken for another's ending", async () => {
      const job = aNewJob();
      const run = await losing(() => store.openRun(aRunOf(job)));
      expect(await losing(() => store.claimRun(run))).toMatchObject({ attempt: 2 });
      const lease = { ...run, attempt: 2 };
      await store.updateRun(lease, { state: "publishing" });
      expect(await losing(() => store.updateRun(lease, { state: "published" }))).toMatchObject({ state: "published" });
      await expect(store.updateRun(lease, { state: "published" })).rejects.toThrow(LeaseLost);
    });

    it("a move without a lease says that it happened", async () => {
      const run = await store.openRun(aRunOf(aNewJob()));
      const moved = await losing(() => store.moveRun(run, ["queued"], { state: "failed" }));
      expect(moved).toMatchObject({ state: "failed" });
      expect(await store.moveRun(run, ["queued"], { state: "failed" })).toBeUndefined();
    });
  });
