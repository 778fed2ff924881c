import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { startClaude } from "../../../packages/local/claude/start-claude.ts";
import { createCheckpoint } from "../../../packages/local/dynamodb/checkpoint.ts";
import { startDynamo } from "../../../packages/local/dynamodb/dynamo.ts";
import { startEventSource } from "../../../packages/local/dynamodb/event-source.ts";
import { startForge } from "../../../packages/local/forge/forge.ts";
import { addSamples } from "../../../packages/local/forge/samples.ts";
import { startS3 } from "../../../packages/local/s3/s3.ts";
import { startSlack } from "../../../packages/local/slack/start.ts";
import { startStepFunctions } from "../../../packages/local/stepfunctions/stepfunctions.ts";
import { createTaskRunner } from "../../../packages/local/tasks.ts";
import { openDocuments } from "../../../packages/store/documents.ts";
import { createJobStore } from "../../../packages/store/jobs.ts";
import { tableDefinition } from "../../../packages/store/table.ts";
import { bundleFunctions, bundleRunner } from "../../../stacks/bundle.ts";
import { PRODUCTION } from "../synth/deployments.ts";
import { containerOf, environmentOf, machineOf, one } from "../synth/query.ts";
import { ROOT, synthesise } from "../synth/synthesise.ts";
import { startLambda } from "./lambda.ts";
import { matches } from "./pattern.ts";
import { type Call, startWitness } from "./witness.ts";

export type Cloud = Awaited<ReturnType<typeof openCloud>>;

/**
 * The synthesised deployment, running: its bundles with the variables that it gives them, its machine, its filters,
 * behind its two paths. Only AWS, Slack, GitHub and Claude themselves are stand-ins, and a witness stands before AWS.
 */
export async function openCloud() {
  const folder = await mkdtemp(join(tmpdir(), "cody-deployed-"));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const refused: string[] = [];
  const calls: Call[] = [];
  const log = (line: string) => refused.push(line);
  const keys = { accessKeyId: "local", secretAccessKey: "local-secret" };
  const at = (name: string) => join(folder, name);
  const running = async <S extends { stop(): unknown }>(starting: Promise<S>) => {
    const started = await starting;
    stack.defer(async () => void (await started.stop()));
    return started;
  };

  const deployed = await synthesise(PRODUCTION);
  const [functions] = await Promise.all([bundleFunctions(at("functions")), bundleRunner(at("runner"))]);
  const dynamo = await running(
    startDynamo({ folder: at("dynamodb"), tables: [tableDefinition("JobsTable")], log, ...keys }),
  );
  const s3 = await running(startS3({ folder: at("s3"), buckets: ["artifacts"], log, ...keys }));
  const forge = await running(startForge({ folder: at("forge"), log }));
  const claude = await running(startClaude({ log }));
  await addSamples(forge.admin.addRepository);

  /** The values here for the names that the deployment sets. */
  const values: Record<string, string> = {
    AWS_REGION: "us-east-1",
    CODY_TABLE: "JobsTable",
    CODY_BUCKET: "artifacts",
    CODY_REPOS: "acme/*",
    CODY_WORK_DIR: at("work"),
    GITHUB_READ_TOKEN: forge.readToken,
    GITHUB_WRITE_TOKEN: forge.writeToken,
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
  /** Where stand-ins are, in place of the public addresses; and what Lambda and Fargate give every process. */
  const around = async (role: string, more: Record<string, string> = {}) => {
    const witness = async (target: string) => (await running(startWitness({ role, target, calls }))).url;
    return {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: await witness(dynamo.url),
      AWS_ENDPOINT_URL_S3: await witness(s3.url),
      GITHUB_API_URL: forge.apiUrl,
      GITHUB_SERVER_URL: forge.serverUrl,
      ...more,
    };
  };

  const lambdas = new Map<string, ReturnType<typeof startLambda>>();
  const startFunction = async (entry: string, more: Record<string, string> = {}) => {
    const title = entry.charAt(0).toUpperCase() + entry.slice(1);
    const { outfile } = functions.find((one) => one.entry === entry)!;
    const env = { ...(await around(`${title}Role`, more)), ...valuesFor(Object.keys(environmentOf(deployed, title))) };
    const lambda = await running(Promise.resolve(startLambda({ bundle: pathToFileURL(outfile), env })));
    lambdas.set(title, lambda);
    return lambda;
  };
  for (const entry of ["plan", "decide", "finish"]) await startFunction(entry);

  const task = async (name: "Work" | "Publish") => {
    const { command, environment, secrets } = containerOf(deployed, name);
    const variables = valuesFor(
      [...environment, ...secrets].map((one) => one.name).filter((one) => !one.startsWith("SST_")),
    );
    return {
      command: process.execPath,
      args: command.map((file) => at(`runner/${basename(file)}`)),
      variables: {
        ...(await around(`${name}TaskRole`, { PATH: process.env.PATH!, HOME: folder, ANTHROPIC_BASE_URL: claude.url })),
        ...variables,
      },
    };
  };
  const arnOf = (name: string) => `arn:aws:ecs:eu-west-1:111122223333:task-definition/${name}Task:1`;
  const engine = await running(
    startStepFunctions({
      machines: { Rounds: machineOf(deployed) },
      invoke: (arn, payload) => lambdas.get(/:(\w+)Function$/.exec(arn)![1]!)!.invoke(payload),
      runTask: createTaskRunner({
        folder: at("tasks"),
        log: () => {},
        definitions: { [arnOf("Work")]: await task("Work"), [arnOf("Publish")]: await task("Publish") },
      }),
      log,
    }),
  );
  values.CODY_STATE_MACHINE_ARN = engine.arn("Rounds");
  const sfn = async (role: string) => ({
    AWS_ENDPOINT_URL_SFN: (await running(startWitness({ role, target: engine.url, calls }))).url,
  });

  const gateway = createServer(async (request, response) => {
    const body = await text(request);
    const route = `${request.method} ${request.url}`;
    const lambda = { "POST /slack/events": "Slack", "GET /health": "Health" }[route];
    const event = httpEvent(route, body, request.headers as Record<string, string>);
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
      /** Patience is measured elsewhere; here a shared machine may be slow. */
      limits: { ackMs: 15_000, triggerMs: 15_000 },
      log,
    }),
  );
  await startFunction("slack", { SLACK_API_URL: slack.apiUrl });
  await startFunction("health", await sfn("HealthRole"));
  await startFunction("sweep", await sfn("SweepRole"));
  await startFunction("drive", await sfn("DriveRole"));
  await startFunction("notify", { SLACK_API_URL: slack.apiUrl });
  for (const name of ["Drive", "Notify"]) {
    const { filterCriteria, batchSize } = one(
      deployed,
      "lambda/eventSourceMapping:EventSourceMapping",
      `${name}Stream`,
    );
    const { pattern } = (filterCriteria as { filters: { pattern: string }[] }).filters[0]!;
    await running(
      Promise.resolve(
        startEventSource({
          stream: dynamo.stream,
          checkpoint: createCheckpoint(at(`stream-${name}`)),
          invoke: (event) => lambdas.get(name)!.invoke(event),
          filter: (record) => matches(JSON.parse(pattern), record),
          batchSize: batchSize as number,
          log,
        }),
      ),
    );
  }

  const documents = openDocuments({ endpoint: dynamo.url, region: "us-east-1", credentials: keys });
  stack.defer(() => documents.destroy());
  return {
    deployed,
    store: createJobStore({ documents, table: "JobsTable", now: () => new Date() }),
    url,
    slack,
    forge,
    calls,
    refused,
    invoke: (name: string, event: unknown) => lambdas.get(name)!.invoke(event),
    stop: () => stack.disposeAsync(),
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, payload 2.0 */
const httpEvent = (routeKey: string, body: string, headers: Record<string, string>) => ({
  version: "2.0",
  routeKey,
  rawPath: routeKey.split(" ")[1],
  rawQueryString: "",
  headers,
  requestContext: {
    accountId: "111122223333",
    apiId: "api",
    domainName: "api.execute-api.eu-west-1.amazonaws.com",
    domainPrefix: "api",
    http: {
      method: routeKey.split(" ")[0],
      path: routeKey.split(" ")[1],
      protocol: "HTTP/1.1",
      sourceIp: "192.0.2.1",
      userAgent: headers["user-agent"],
    },
    requestId: "request",
    routeKey,
    stage: "$default",
    time: "22/Nov/2026:10:00:00 +0000",
    timeEpoch: 1795341600000,
  },
  body: Buffer.from(body).toString("base64"),
  isBase64Encoded: true,
});
