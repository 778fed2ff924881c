import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { APIGatewayProxyEventV2Schema } from "@aws-lambda-powertools/parser/schemas/api-gatewayv2";
import { DynamoDBStreamSchema } from "@aws-lambda-powertools/parser/schemas/dynamodb";
import { EventBridgeSchema } from "@aws-lambda-powertools/parser/schemas/eventbridge";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createSlack } from "../../functions/slack.ts";
import { reasonOfLost } from "../../packages/pipeline/lost-task.ts";
import { rowChanges } from "../../packages/pipeline/stream.ts";
import { recordOf } from "../../packages/stand-ins/dynamodb/stream-record.ts";
import { signedHeaders } from "../../packages/stand-ins/slack/signature.ts";
import { runEcsTask } from "../../packages/stand-ins/stepfunctions/resources.ts";
import { expiredRecord, httpApiEvent, roundEnded, scheduledEvent, streamRecord } from "../fixtures/aws-events.ts";
import { matches } from "./deployed/pattern.ts";
import { PRODUCTION } from "./synth/deployments.ts";
import { json, machineOf, one } from "./synth/query.ts";
import { synthesise } from "./synth/synthesise.ts";

/** JSON Schema, as far as AWS's schemas use it. */
type Shape = {
  properties?: Record<string, Shape>;
  required?: string[];
  items?: Shape;
  additionalProperties?: Shape;
  anyOf?: Shape[];
};
type Fields = Record<string, unknown>;

/** The schemas of AWS's own Powertools for Lambda. */
const AWS = { stream: DynamoDBStreamSchema, http: APIGatewayProxyEventV2Schema, bus: EventBridgeSchema };
const shapeOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
const inner = (shape: Shape, name: string) => shape.properties?.[name] ?? shape.additionalProperties;

/** Paths that AWS's schema does not know. */
function unknownIn(shape: Shape, value: unknown, path = ""): string[] {
  if (Array.isArray(value))
    return value.flatMap((one) => (shape.items ? unknownIn(shape.items, one, `${path}[]`) : []));
  if (typeof value !== "object" || value === null || !(shape.properties || shape.additionalProperties)) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const known = inner(shape, name);
    return known ? unknownIn(known, one, `${path}.${name}`) : [`${path}.${name}`];
  });
}

/** The event without whatever AWS may leave out. */
function leastOf(shape: Shape, value: unknown): unknown {
  if (Array.isArray(value)) return shape.items ? value.map((one) => leastOf(shape.items!, one)) : value;
  if (typeof value !== "object" || value === null || !shape.properties) return value;
  return Object.fromEntries(
    Object.entries(value as Fields)
      .filter(([name]) => shape.required?.includes(name))
      .map(([name, one]) => [name, leastOf(inner(shape, name)!, one)]),
  );
}

const JOB = "JOB#j0123456789abcdef";
const row = (sk: string) => ({ pk: JOB, sk });
const key = { pk: { S: JOB }, sk: { S: "REPO#acme/orders" } };
const image = { ...key, state: { S: "queued" } };
const local = (before: typeof image | undefined, after: typeof image | undefined) =>
  recordOf({ table: "cody", key, before, after }, 1, { region: "us-east-1", at: new Date() });
const MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Rounds";
const form = "payload=%7B%7D&name=gr%C3%B6%C3%9Fer";
const headers = { "content-type": "application/x-www-form-urlencoded", ...signedHeaders("s", form, 1) };
const retried = { ...headers, "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout" };
const whole = {
  Records: [
    streamRecord("INSERT", 1, row("JOB"), { createdAt: { S: "2026-11-22T10:00:00.000Z" } }),
    streamRecord("MODIFY", 2, row("JOB")),
    streamRecord("INSERT", 3, row("ROUND#0001")),
    streamRecord("MODIFY", 4, row("REPO#acme/orders"), { attempt: { N: "1" }, scripted: { BOOL: false } }),
    streamRecord("REMOVE", 5, row("REPO#acme/orders")),
    expiredRecord(6, row("JOB")),
    streamRecord("MODIFY", 7, row("CARD")),
    streamRecord("INSERT", 8, { pk: "TEAM#T1", sk: "TEMPLATE#log4j" }),
  ],
};

describe("events of ours are events of AWS: what its schemas ask for is there, and nothing that they do not know", () => {
  it.each<[string, z.ZodType, unknown]>([
    ["fixture: stream records, removed and expired ones too", AWS.stream, whole],
    ["stand-in: an inserted row", AWS.stream, { Records: [local(undefined, image)] }],
    ["stand-in: a changed row", AWS.stream, { Records: [local(image, image)] }],
    ["stand-in: a removed row", AWS.stream, { Records: [local(image, undefined)] }],
    ["fixture: a form, in base64", AWS.http, httpApiEvent("POST /slack/events", form, headers)],
    ["fixture: a form, for the second time", AWS.http, httpApiEvent("POST /slack/events", form, retried)],
    ["fixture: JSON", AWS.http, httpApiEvent("POST /slack/events", "{}", { "content-type": "application/json" })],
    ["fixture: without a body", AWS.http, httpApiEvent("GET /health", "", {})],
    ["fixture: the schedule's event", AWS.bus, scheduledEvent],
    ["fixture: an execution that failed", AWS.bus, roundEnded("FAILED", MACHINE)],
  ])("%s", (_what, schema, event) => {
    const sent = JSON.parse(JSON.stringify(event));
    expect(schema.safeParse(sent).error?.issues).toBeUndefined();
    expect(unknownIn(shapeOf(schema), sent)).toEqual([]);
  });

  const registry = loadAwsServiceSpecSync();
  /** EventBridge's schema registry, as AWS publishes it for its CDK. */
  const published = (name: string) => {
    const event = registry.all("event").find((candidate) => candidate.name === name)!;
    return { ...event, fields: registry.get("eventTypeDefinition", event.rootProperty.$ref).properties };
  };

  it("a status change of an execution has the registry's fields, and the deployed rule asks for no other", async () => {
    const { source, detailType, fields } = published("aws.states@StepFunctionsExecutionStatusChange");
    const event = roundEnded("TIMED_OUT", MACHINE);
    expect([event.source, event["detail-type"]]).toEqual([source, detailType]);
    expect(Object.keys(event.detail).toSorted()).toEqual(Object.keys(fields).toSorted());
    const { eventPattern } = one(await synthesise(PRODUCTION), "cloudwatch/eventRule:EventRule", "RoundEndedBadly");
    const pattern = json(eventPattern);
    expect(Object.keys(pattern.detail).filter((name) => !(name in fields))).toEqual([]);
    const caught = (["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"] as const).filter((status) =>
      matches(pattern, roundEnded(status, MACHINE)),
    );
    expect(caught).toEqual(["FAILED", "TIMED_OUT", "ABORTED"]);
    expect(matches(pattern, roundEnded("FAILED", `${MACHINE}Other`))).toBe(false);
  }, 120_000);

  it("a stopped task is described in ECS's own words, spelled as Step Functions spells them", async () => {
    const { fields } = published("aws.ecs@ECSTaskStateChange");
    const { Parameters } = machineOf(await synthesise(PRODUCTION)).States.Runs.ItemProcessor.States.Work;
    const [override] = Parameters.Overrides.ContainerOverrides;
    const Environment = override.Environment.map(({ Name }: { Name: string }) => ({ Name, Value: "x" }));
    const asked = { ...Parameters, Overrides: { ContainerOverrides: [{ ...override, Environment }] } };
    const runTask = async () => ({ exitCode: 143, stopCode: "SpotInterruption" as const });
    const resources = { runTask, invoke: async () => undefined };
    const error = await runEcsTask(resources, asked, new AbortController().signal).catch((thrown) => thrown);
    const names = Object.keys(JSON.parse(error.message)).map((name) => name.charAt(0).toLowerCase() + name.slice(1));
    // The registry's version is older than Spot.
    expect(names.filter((name) => !(name in fields))).toEqual(["capacityProviderName"]);
    expect(reasonOfLost("work", { Error: error.name, Cause: error.message }).code).toBe("work-interrupted");
  }, 120_000);
});

describe("entry points read nothing that AWS does not promise", () => {
  it("dispatch and notify: keys, names and sequence numbers, of a batch as long as AWS sends it", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => streamRecord("MODIFY", i, row("REPO#acme/orders")));
    for (const event of [whole, { Records: many }])
      expect(rowChanges(leastOf(shapeOf(AWS.stream), event))).toEqual(rowChanges(event));
    expect(rowChanges({ Records: many })).toHaveLength(10_000);
  });

  it("removed and expired rows, saved jobs and rows of a later version ask for nothing", () => {
    const later = streamRecord("INSERT", 9, row("SOMETHING#new"));
    const seen = rowChanges({ Records: [...whole.Records, later] });
    expect(seen.map(({ row, inserted }) => [row, inserted])).toEqual([
      ["job", true],
      ["job", false],
      ["round", true],
      ["repository", false],
      ["card", false],
    ]);
  });

  it("slack: a request without cookies, query or anything else that may be missing", async () => {
    const slack = createSlack({ AWS_REGION: "r", CODY_TABLE: "t", CODY_BUCKET: "b", ...TOKENS });
    const body = JSON.stringify({ type: "url_verification", challenge: "größer" });
    const sign = signedHeaders(TOKENS.SLACK_SIGNING_SECRET, body, Math.floor(Date.now() / 1_000));
    const event = httpApiEvent("POST /slack/events", body, { ...sign, "content-type": "application/json" });
    const { body: _, ...least } = leastOf(shapeOf(AWS.http), event) as typeof event;
    expect(await slack({ ...least, body })).toMatchObject({ statusCode: 200 });
    expect(await slack(least)).toMatchObject({ statusCode: 400 });
  });
});

const TOKENS = {
  SLACK_BOT_TOKEN: "xoxb-x",
  SLACK_SIGNING_SECRET: "secret",
  GITHUB_READ_TOKEN: "g",
  GITHUB_API_URL: "http://127.0.0.1:9",
};
