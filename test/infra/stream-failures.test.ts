import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDispatch } from "../../functions/dispatch.ts";
import { createNotify } from "../../functions/notify.ts";
import { createSweep } from "../../functions/sweep.ts";
import type { Job } from "../../packages/jobs/job.ts";
import { openMachine } from "../../packages/pipeline/executions.ts";
import { createCheckpoint } from "../../packages/stand-ins/dynamodb/checkpoint.ts";
import { startEventSource } from "../../packages/stand-ins/dynamodb/event-source.ts";
import type { StreamRecord } from "../../packages/stand-ins/dynamodb/stream-record.ts";
import { startSlack } from "../../packages/stand-ins/slack/start.ts";
import { startStepFunctions } from "../../packages/stand-ins/stepfunctions/stepfunctions.ts";
import { rowOfJob } from "../../packages/store/rows.ts";
import { aNewJob } from "../builders.ts";
import { CREDENTIALS, startIn, TABLE, temporaryFolder } from "../stand-ins/dynamodb-folder.ts";
import { openStore } from "../store/backends.ts";
import { until } from "../story/world.ts";
import { matches } from "./deployed/pattern.ts";
import { PRODUCTION } from "./synth/deployments.ts";
import { one } from "./synth/query.ts";
import { ROOT, synthesise } from "./synth/synthesise.ts";

const NOWHERE = "http://127.0.0.1:9";
type Batch = { Records: StreamRecord[] };
type Handler = (event: unknown) => Promise<unknown>;

async function openWorld() {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  const dynamo = stack.use(await startIn(path));
  const log: string[] = [];
  const note = (line: string) => void log.push(line);
  const machines = { Rounds: { StartAt: "Done", States: { Done: { Type: "Succeed" } } } };
  const isKnownValid = true;
  const unasked = async () => Promise.reject(new Error("This is not asked for."));
  const sfn = await startStepFunctions({
    ...CREDENTIALS,
    machines,
    isKnownValid,
    invoke: unasked,
    runTask: unasked,
    log: note,
  });
  stack.defer(() => sfn.stop());
  const manifest = JSON.parse(readFileSync(join(ROOT, "slack/manifest.socket.json"), "utf8"));
  const slack = await startSlack({ manifest, botToken: "xoxb-x", appToken: "xapp-x", log: note });
  stack.defer(() => slack.stop());
  const deployed = await synthesise(PRODUCTION);
  const environment = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_SFN: sfn.url,
    CODY_TABLE: TABLE,
    CODY_STATE_MACHINE_ARN: sfn.arn("Rounds"),
    SLACK_BOT_TOKEN: "xoxb-x",
    SLACK_API_URL: slack.apiUrl,
  };
  const { store, documents } = openStore(dynamo.url, () => new Date());
  stack.defer(() => documents.destroy());
  const client = openMachine(environment);
  stack.defer(() => client.destroy());
  const [channel] = slack.workspace.channels();

  return {
    environment,
    store,
    log,
    /** A job's row of which a later release, or a hand in the console, has left something out. */
    async putUnreadable(job: Job) {
      const { prompt: _, ...row } = rowOfJob(job);
      await dynamo.documents.send(new PutCommand({ TableName: TABLE, Item: row }));
    },
    fix: (job: Job) => dynamo.documents.send(new PutCommand({ TableName: TABLE, Item: rowOfJob(job) })),
    newJob: () =>
      aNewJob({
        channelId: channel!.id,
        teamId: "T0LOCAL",
        userId: slack.people.requester.id,
        repositories: ["acme/app"],
      }),
    /** Names of the executions, `<job>-r1` each. */
    async started() {
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn: sfn.arn("Rounds") }));
      return executions.map(({ name }) => name!.replace(/-r1$/, ""));
    },
    cards: () =>
      slack.workspace
        .messages(channel!.id)
        .flatMap(({ metadata }) => (metadata?.event_type === "cody_card" ? [metadata.event_payload.job_id] : [])),
    /**
     * With the deployed filter and batch size; what it gives up goes to the dead-letter queue there, to the log here.
     */
    feed(name: "Drive" | "Notify", handler: Handler, maxTries: number) {
      const mapping = one(deployed, "lambda/eventSourceMapping:EventSourceMapping", `${name}Stream`);
      const { pattern } = (mapping.filterCriteria as { filters: { pattern: string }[] }).filters[0]!;
      const answers: { asked: number; failed: number }[] = [];
      const source = startEventSource({
        stream: dynamo.stream,
        checkpoint: createCheckpoint(join(path, `${name}-${Math.random()}`)),
        filter: (record) => matches(JSON.parse(pattern), record),
        batchSize: mapping.batchSize as number,
        maxTries,
        retryMs: 1,
        log: note,
        async invoke(event: Batch) {
          const answer = (await handler(event)) as { batchItemFailures: unknown[] };
          answers.push({ asked: event.Records.length, failed: answer.batchItemFailures.length });
          return answer;
        },
      });
      stack.defer(() => source.stop());
      return { answers, stop: () => source.stop() };
    },
    stop: () => stack.disposeAsync(),
  };
}

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
}, 120_000);
afterAll(() => world?.stop());

describe("one row among many that cannot be read", () => {
  let bad: Job;
  let good: Job[];
  beforeAll(async () => {
    bad = world.newJob();
    good = [world.newJob(), world.newJob()];
    await world.store.insertJob(good[0]!);
    await world.putUnreadable(bad);
    await world.store.insertJob(good[1]!);
  });

  it("dispatch: only its record is asked for again and given up; every other job has its one execution", async () => {
    const { answers, stop } = world.feed("Drive", createDispatch(world.environment), 2);
    await until(() => world.log.find((line) => /gave up on record \d+ after 2 tries/.test(line)));
    await until(async () => (await world.started()).length === 2 || undefined);
    const late = world.newJob();
    await world.store.insertJob(late);
    await until(async () => (await world.started()).includes(late.jobId) || undefined);
    await stop();
    expect((await world.started()).toSorted()).toEqual([...good, late].map(({ jobId }) => jobId).toSorted());
    expect(answers[0]).toEqual({ asked: 3, failed: 1 });
    expect(answers.filter(({ failed }) => failed > 0)).toHaveLength(4);
    good.push(late);
  });

  it("notify: every other job has its one card, and the row has its own as soon as it is fixed", async () => {
    const { stop } = world.feed("Notify", createNotify(world.environment), 2);
    await until(() => world.cards().length === 3 || undefined);
    await world.fix(bad);
    await until(() => world.cards().includes(bad.jobId) || undefined);
    await stop();
    expect(world.cards().toSorted()).toEqual([...good, bad].map(({ jobId }) => jobId).toSorted());
  });
});

it("what dispatch gave up while Step Functions was away, the sweeper starts, past a row that cannot be read", async () => {
  const bad = world.newJob();
  await world.putUnreadable(bad);
  const waiting = world.newJob();
  await world.store.insertJob(waiting);
  const away = createDispatch({ ...world.environment, AWS_ENDPOINT_URL_SFN: NOWHERE });
  const { stop } = world.feed("Drive", away, 0);
  await until(() => world.log.filter((line) => /gave up on record/.test(line)).length >= 2 || undefined);
  await stop();
  expect(await world.started()).not.toContain(waiting.jobId);

  await expect(createSweep(world.environment)()).rejects.toThrow(/1 of \d+ open items could not be swept/);
  expect(await world.started()).toContain(waiting.jobId);
});
