import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNotify } from "../../functions/notify.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { rowChanges } from "../../packages/pipeline/stream.ts";
import { type Slack, startSlack } from "../../packages/stand-ins/slack/start.ts";
import type { SlackMessage } from "../../packages/stand-ins/slack/workspace.ts";
import { aNewJob, aRunOf } from "../builders.ts";
import { CREDENTIALS, TABLE } from "../stand-ins/dynamodb-folder.ts";
import { BACKENDS, openStore } from "../store/backends.ts";
import { matches } from "./deployed/pattern.ts";
import { PRODUCTION } from "./synth/deployments.ts";
import { one } from "./synth/query.ts";
import { ROOT, synthesise } from "./synth/synthesise.ts";

const amazon = BACKENDS.find(({ name }) => name === "DynamoDB Local")!;

type StreamRecord = {
  eventName: string;
  dynamodb: { Keys: { sk: { S: string } }; NewImage: object; SequenceNumber: string };
};

type Description = { StreamDescription: { Shards: { ShardId: string }[] } };

/** Amazon's own stream API, over the wire: its client is no dependency of ours. */
async function readStream(url: string): Promise<StreamRecord[]> {
  const ask = async <Answer>(operation: string, body: object) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDBStreams_20120810.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local`,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const { Streams } = await ask<{ Streams: { StreamArn: string }[] }>("ListStreams", { TableName: TABLE });
  const { StreamArn } = Streams[0]!;
  const { StreamDescription } = await ask<Description>("DescribeStream", { StreamArn });
  const records: StreamRecord[] = [];
  for (const { ShardId } of StreamDescription.Shards) {
    const from = { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" };
    const { ShardIterator } = await ask<{ ShardIterator: string }>("GetShardIterator", from);
    records.push(...(await ask<{ Records: StreamRecord[] }>("GetRecords", { ShardIterator })).Records);
  }
  return records;
}

describe.skipIf(amazon.missing)("records of Amazon's own stream (DynamoDB Local; needs Java)", () => {
  let backend: Awaited<ReturnType<typeof amazon.start>>;
  let slack: Slack;
  let filters: Record<"Drive" | "Notify", Parameters<typeof matches>[0]>;
  beforeAll(async () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, "slack/manifest.socket.json"), "utf8"));
    [backend, slack] = await Promise.all([
      amazon.start(),
      startSlack({ manifest, botToken: "xoxb-amazon", appToken: "xapp-amazon", log: () => {} }),
    ]);
    const deployed = await synthesise(PRODUCTION);
    const filterOf = (name: string) => {
      const { filterCriteria } = one(deployed, "lambda/eventSourceMapping:EventSourceMapping", `${name}Stream`);
      return JSON.parse((filterCriteria as { filters: { pattern: string }[] }).filters[0]!.pattern);
    };
    filters = { Drive: filterOf("Drive"), Notify: filterOf("Notify") };
  }, 120_000);
  afterAll(async () => {
    await slack?.stop();
    await backend?.stop();
  });

  it("pass the deployed filters, and bring one card in line with the rows, however often they come", async () => {
    const { documents, store } = openStore(backend.url, () => new Date());
    const [channel] = slack.workspace.channels();
    const job = aNewJob({ channelId: channel!.id, teamId: "T0LOCAL", userId: slack.people.requester.id });
    await store.insertJob(job);
    await store.insertRound(firstRound(job));
    await store.openRun(aRunOf(job, { baseBranch: "main", baseCommit: "b".repeat(40) }));
    const notify = createNotify({
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: backend.url,
      CODY_TABLE: TABLE,
      SLACK_BOT_TOKEN: "xoxb-amazon",
      SLACK_API_URL: slack.apiUrl,
    });
    const deliver = async () => {
      const Records = (await readStream(backend.url)).filter((record) => matches(filters.Notify, record));
      expect(await notify({ Records })).toEqual({ batchItemFailures: [] });
      return Records;
    };
    const cards = () =>
      slack.workspace
        .messages(channel!.id)
        .filter((message: SlackMessage) => message.metadata?.event_type === "cody_card");

    const first = await deliver();
    expect(rowChanges({ Records: first }).map(({ row, inserted }) => [row, inserted])).toEqual([
      ["job", true],
      ["round", true],
      ["repository", true],
    ]);
    expect(cards()).toHaveLength(1);
    await store.moveRun({ jobId: job.jobId, round: 1, repository: "acme/orders" }, ["queued"], { state: "cancelled" });
    const second = await deliver();
    await deliver();

    expect(second.length).toBe(first.length + 1);
    expect(cards()).toHaveLength(1);
    expect(JSON.stringify(cards()[0])).toMatch(/cancelled/i);
    const all = await readStream(backend.url);
    expect(all.map(({ dynamodb }) => dynamodb.Keys.sk.S)).toContain("CARD");
    expect(all.filter((record) => matches(filters.Drive, record)).map(({ dynamodb }) => dynamodb.Keys.sk.S)).toEqual([
      "JOB",
      "ROUND#0001",
    ]);
    documents.destroy();
  });
});
