import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetExecutionHistoryCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { resourceName } from "../../../packages/config/deployed.ts";
import type { FunctionZone } from "../../../packages/config/zones.ts";
import { executionName } from "../../../packages/jobs/ids.ts";
import { createTaskRunner } from "../../../packages/local/tasks.ts";
import { openMachine } from "../../../packages/pipeline/executions.ts";
import { startClaude } from "../../../packages/stand-ins/claude/start-claude.ts";
import { createCheckpoint } from "../../../packages/stand-ins/dynamodb/checkpoint.ts";
import { startDynamo } from "../../../packages/stand-ins/dynamodb/dynamo.ts";
import { startEventSource } from "../../../packages/stand-ins/dynamodb/event-source.ts";
import { startForge } from "../../../packages/stand-ins/forge/forge.ts";
import { addSamples } from "../../../packages/stand-ins/forge/samples.ts";
import { startLambda } from "../../../packages/stand-ins/lambda/lambda.ts";
import { startS3 } from "../../../packages/stand-ins/s3/s3.ts";
import { startSlack } from "../../../packages/stand-ins/slack/start.ts";
import { startStepFunctions } from "../../../packages/stand-ins/stepfunctions/stepfunctions.ts";
import { openDocuments } from "../../../packages/store/documents.ts";
import { createJobStore } from "../../../packages/store/jobs.ts";
import { openBucket } from "../../../packages/store/open.ts";
import { tableDefinition } from "../../../packages/store/table.ts";
import type { Traces } from "../../cost/count-job.ts";
import { httpApiEvent } from "../../fixtures/aws-events.ts";
import { holdToSlackTypes } from "../../slack/types/hold.ts";
import { registerApp } from "../../stand-ins/forge-fixture.ts";
import { APP, PRODUCTION } from "../synth/deployments.ts";
import { containerOf, environmentOf, machineOf, one } from "../synth/query.ts";
import { copyBundles, ROOT, synthesise } from "../synth/synthesise.ts";
import { createFargate } from "./fargate.ts";
import { startFunction } from "./function.ts";
import { matches } from "./pattern.ts";
import { type Call, startRecorder } from "./recorder.ts";

export type Cloud = Awaited<ReturnType<typeof openCloud>>;

const REGION = "us-east-1";
/** Each has a recorder before it. */
const SEEN = { behindProxy: true };
const KEYS = { accessKeyId: "local", secretAccessKey: "local-secret" };
/** The functions of a round, and those behind doors; with an App two more issue tokens. */
const OF_ROUNDS = ["plan", "decide", "finish"] as const;
const BROKERS = { Work: "read-token", Publish: "write-token" } as const;

/**
 * A synthesised deployment, running: its bundles with the variables that it gives them, its machine, its filters,
 * behind its two paths. Only AWS, Slack, GitHub and Claude themselves are stand-ins, and a recorder stands before AWS.
 * `app`: the variant with a GitHub App, where no token is configured anywhere.
 */
export async function openCloud({ app = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "cody-deployed-"));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const refused: string[] = [];
  const calls: Call[] = [];
  const log = (line: string) => refused.push(line);
  const at = (name: string) => join(folder, name);
  const running = async <S extends { stop(): unknown }>(starting: S | Promise<S>) => {
    const started = await starting;
    stack.defer(async () => void (await started.stop()));
    return started;
  };

  const deployed = await synthesise(app ? APP : PRODUCTION);
  await copyBundles(folder);
  const dynamo = await running(
    startDynamo({ folder: at("dynamodb"), tables: [tableDefinition("JobsTable")], log, ...SEEN, ...KEYS }),
  );
  const s3 = await running(startS3({ folder: at("s3"), buckets: ["artifacts"], log, ...SEEN, ...KEYS }));
  const forge = await running(startForge({ folder: at("forge"), log }));
  const claude = await running(startClaude({ log, delayMs: 100 }));
  await addSamples(forge.admin.addRepository);

  /** The values here for the names that the deployment sets. */
  const values: Record<string, string> = {
    AWS_REGION: REGION,
    CODY_TABLE: "JobsTable",
    CODY_BUCKET: "artifacts",
    CODY_REPOS: "acme/*",
    CODY_WORK_DIR: at("work"),
    GITHUB_API_URL: forge.apiUrl,
    ...(app
      ? registerApp(forge).variables
      : { GITHUB_READ_TOKEN: forge.readToken, GITHUB_WRITE_TOKEN: forge.writeToken }),
    ANTHROPIC_API_KEY: claude.apiKey,
    SLACK_BOT_TOKEN: "xoxb-deployed",
    SLACK_SIGNING_SECRET: "signing-secret",
  };
  const valuesFor = (names: string[]) =>
    Object.fromEntries(
      names.map((name) => {
        if (values[name] === undefined) throw new Error(`The deployment sets ${name}, which has no value here.`);
        return [name, values[name]];
      }),
    );
  const recorder = async (role: string, target: string) => (await running(startRecorder({ role, target, calls }))).url;
  /** Where stand-ins are, in place of the public addresses; and what Lambda and Fargate give every process. */
  const around = async (role: string, more: Record<string, string> = {}) => ({
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: await recorder(role, dynamo.url),
    AWS_ENDPOINT_URL_S3: await recorder(role, s3.url),
    GITHUB_API_URL: forge.apiUrl,
    GITHUB_SERVER_URL: forge.serverUrl,
    ...more,
  });

  const lambdas = new Map<string, ReturnType<typeof startFunction>>();
  const start = async (entry: FunctionZone, more: Record<string, string> = {}) => {
    const title = resourceName(entry);
    const bundle = pathToFileURL(at(`functions/${entry}/index.mjs`));
    const env = { ...(await around(`${title}Role`, more)), ...valuesFor(Object.keys(environmentOf(deployed, title))) };
    const lambda = await running(startFunction({ bundle, env }));
    lambdas.set(title, lambda);
    return lambda;
  };
  for (const entry of OF_ROUNDS) await start(entry);

  /** A task finds the one function that issues its tokens under the name that the deployment gives it. */
  const broker = async (task: "Work" | "Publish", name: string) => {
    const { invoke } = await start(BROKERS[task]);
    const endpoint = await running(
      startLambda({ functions: { [name]: invoke }, region: REGION, log, ...SEEN, ...KEYS }),
    );
    return { AWS_ENDPOINT_URL_LAMBDA: await recorder(`${task}TaskRole`, endpoint.url), CODY_TOKEN_FUNCTION: name };
  };
  const task = async (name: "Work" | "Publish") => {
    const { command, environment, secrets } = containerOf(deployed, name);
    const own = environment.find((one) => one.name === "CODY_TOKEN_FUNCTION");
    const names = [...environment, ...secrets].map((one) => one.name);
    return {
      command: process.execPath,
      args: () => command.map((file) => at(`runner/${basename(file)}`)),
      variables: {
        ...(await around(`${name}TaskRole`, { PATH: process.env.PATH!, HOME: folder, ANTHROPIC_BASE_URL: claude.url })),
        ...valuesFor(names.filter((one) => !one.startsWith("SST_") && one !== own?.name)),
        ...(own && (await broker(name, own.value))),
      },
    };
  };
  const arnOf = (name: string) => `arn:aws:ecs:eu-west-1:111122223333:task-definition/${name}Task:1`;
  const tasks = createTaskRunner({
    folder: at("tasks"),
    log: () => {},
    definitions: { [arnOf("Work")]: await task("Work"), [arnOf("Publish")]: await task("Publish") },
  });
  stack.defer(() => tasks.close());
  const fargate = createFargate(tasks.run);
  const engine = await running(
    startStepFunctions({
      ...SEEN,
      ...KEYS,
      region: REGION,
      machines: { Rounds: machineOf(deployed) },
      /** By test/infra/stacks-flow.test.ts. */
      isKnownValid: true,
      invoke: (arn, payload) => lambdas.get(/:(\w+)Function$/.exec(arn)![1]!)!.invoke(payload),
      runTask: fargate.runTask,
      /** How long a Retry waits is the machine's own business, and tested where it is written. */
      retryDelayMs: 50,
      log,
    }),
  );
  values.CODY_STATE_MACHINE_ARN = engine.arn("Rounds");
  const sfn = async (role: string) => ({ AWS_ENDPOINT_URL_SFN: await recorder(role, engine.url) });

  let slackRequests = 0;
  const gateway = createServer(async (request, response) => {
    const route = `${request.method} ${request.url}`;
    const lambda = { "POST /slack/events": "Slack", "GET /health": "Health" }[route];
    if (lambda === "Slack") slackRequests += 1;
    const event = httpApiEvent(route, await text(request), request.headers as Record<string, string>);
    const answer = lambda
      ? ((await lambdas.get(lambda)!.invoke(event)) as {
          statusCode: number;
          headers?: Record<string, string>;
          body?: string;
        })
      : { statusCode: 404 };
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  stack.defer(() => void gateway.close());
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const slack = await running(
    startSlack({
      manifest: JSON.parse(await readFile(join(ROOT, "slack/manifest.http.json"), "utf8")),
      botToken: values.SLACK_BOT_TOKEN!,
      appToken: "xapp-unused",
      http: { url: `${url}/slack/events`, signingSecret: values.SLACK_SIGNING_SECRET! },
      /** Short deadlines are measured elsewhere; here a shared machine may be slow. */
      limits: { ackMs: 15_000, triggerMs: 15_000 },
      log,
    }).then(holdToSlackTypes),
  );
  const { invoke: startDue } = await start("schedule", { SLACK_API_URL: slack.apiUrl });
  const schedule = String(environmentOf(deployed, "Slack").CODY_SCHEDULE_FUNCTION);
  const pressed = await running(
    startLambda({ functions: { [schedule]: startDue }, region: REGION, log, ...SEEN, ...KEYS }),
  );
  values.CODY_SCHEDULE_FUNCTION = schedule;
  await start("slack", {
    SLACK_API_URL: slack.apiUrl,
    AWS_ENDPOINT_URL_LAMBDA: await recorder("SlackRole", pressed.url),
  });
  await start("health", await sfn("HealthRole"));
  await start("sweep", await sfn("SweepRole"));
  const { invoke: work } = await start("change-set");
  const changeSet = String(environmentOf(deployed, "Watch").CODY_CHANGE_SET_FUNCTION);
  const woken = await running(startLambda({ functions: { [changeSet]: work }, region: REGION, log, ...SEEN, ...KEYS }));
  values.CODY_CHANGE_SET_FUNCTION = changeSet;
  await start("watch", { AWS_ENDPOINT_URL_LAMBDA: await recorder("WatchRole", woken.url) });
  await start("dispatch", await sfn("DriveRole"));
  await start("notify", { SLACK_API_URL: slack.apiUrl });
  for (const name of ["Drive", "Notify"]) {
    const { filterCriteria, batchSize } = one(
      deployed,
      "lambda/eventSourceMapping:EventSourceMapping",
      `${name}Stream`,
    );
    const { pattern } = (filterCriteria as { filters: { pattern: string }[] }).filters[0]!;
    await running(
      startEventSource({
        stream: dynamo.stream,
        checkpoint: createCheckpoint(at(`stream-${name}`)),
        invoke: (event) => lambdas.get(name)!.invoke(event),
        filter: (record) => matches(JSON.parse(pattern), record),
        batchSize: batchSize as number,
        log,
      }),
    );
  }

  const documents = openDocuments({ endpoint: dynamo.url, region: REGION, credentials: KEYS });
  stack.defer(() => documents.destroy());
  const here = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_ENDPOINT_URL_SFN: engine.url,
    AWS_ENDPOINT_URL_S3: s3.url,
  };
  const client = openMachine(here);
  const objects = openBucket(here);
  stack.defer(() => {
    client.destroy();
    objects.destroy();
  });
  const executionOf = (jobId: string, round: number) =>
    `${engine.arn("Rounds").replace(":stateMachine:", ":execution:")}:${executionName(jobId, round)}`;
  const logsOf = async (jobId: string) => {
    const names = (await readdir(at("tasks/logs"))).filter((name) => name.includes(jobId));
    return Promise.all(names.map((name) => readFile(at(`tasks/logs/${name}`), "utf8")));
  };
  /** The states that a round's execution has entered, those of all its repositories in one row. */
  const statesOf = async (jobId: string, round = 1): Promise<string[]> => {
    const executionArn = executionOf(jobId, round);
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  };
  /** The same table, as it was written to on another day. */
  const storeAt = (now: () => Date) => createJobStore({ documents, table: "JobsTable", now });
  return {
    deployed,
    stream: dynamo.stream,
    store: storeAt(() => new Date()),
    storeAt,
    url,
    slack,
    forge,
    fargate,
    calls,
    refused,
    folder,
    statesOf,
    /** The lines of JSON that a job's tasks printed. */
    printedBy: async (jobId: string): Promise<Record<string, unknown>[]> =>
      (await logsOf(jobId)).flatMap((text) =>
        text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : [])),
      ),
    /** What a job has asked AWS for, as `npm run cost` reckons with it. */
    async tracesOf(jobId: string): Promise<Traces> {
      const { Contents = [] } = await objects.send(
        new ListObjectsV2Command({ Bucket: "artifacts", Prefix: `jobs/${jobId}/` }),
      );
      return {
        record: (await storeAt(() => new Date()).readJob(jobId))!,
        entered: await statesOf(jobId),
        writes: (await dynamo.stream.read("", 10_000)).filter(
          ({ dynamodb: { Keys } }) => Keys.pk?.S === `JOB#${jobId}`,
        ),
        objectBytes: Contents.map(({ Size = 0 }) => Size),
        slackRequests,
        taskLogBytes: (await logsOf(jobId)).reduce((sum, text) => sum + text.length, 0),
        sentBytes: claude.requests().reduce((sum, { bytes }) => sum + bytes, 0),
      };
    },
    stopExecution: (jobId: string) => client.send(new StopExecutionCommand({ executionArn: executionOf(jobId, 1) })),
    /** As the deployed schedule does. */
    sweep() {
      const { target } = one(deployed, "scheduler/schedule:Schedule", "SweeperSchedule") as {
        target: { input: string };
      };
      return lambdas.get("Sweep")!.invoke(JSON.parse(target.input));
    },
    watch: () => lambdas.get("Watch")!.invoke({}),
    schedule: () => lambdas.get("Schedule")!.invoke({}),
    invoke: (name: string, event: unknown) => lambdas.get(name)!.invoke(event),
    stop: () => stack.disposeAsync(),
  };
}
