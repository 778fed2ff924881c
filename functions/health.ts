import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { DescribeStateMachineCommand } from "@aws-sdk/client-sfn";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { awsOptions } from "../packages/config/aws-options.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { openMachine } from "../packages/pipeline/executions.ts";
import { openBucket } from "../packages/store/open.ts";

/** Open to all, as often as they like: AWS is asked once in this time. */
const KEPT_MS = 10_000;

/** `GET /health`: whether table, bucket and machine answer. Only the names of errors are given out. */
export function createHealth(environment: Environment) {
  const config = readConfig("health", environment);
  const dynamo = new DynamoDBClient(awsOptions(config, config.AWS_ENDPOINT_URL_DYNAMODB));
  const s3 = openBucket(config);
  const sfn = openMachine(config);
  const checks: Record<string, () => Promise<unknown>> = {
    table: () => dynamo.send(new DescribeTableCommand({ TableName: config.CODY_TABLE })),
    bucket: () => s3.send(new ListObjectsV2Command({ Bucket: config.CODY_BUCKET, Prefix: "jobs/", MaxKeys: 1 })),
    machine: () => sfn.send(new DescribeStateMachineCommand({ stateMachineArn: config.CODY_STATE_MACHINE_ARN })),
  };
  async function look() {
    const answers = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await check().then(() => "ok", nameOf)] as const),
    );
    const ok = answers.every(([, answer]) => answer === "ok");
    return {
      statusCode: ok ? 200 : 503,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
      body: JSON.stringify({ ok, ...Object.fromEntries(answers) }),
    };
  }
  let kept: { until: number; answer: ReturnType<typeof look> } | undefined;
  return async (_event: unknown) => {
    if (!kept || steadyNow() >= kept.until) kept = { until: steadyNow() + KEPT_MS, answer: look() };
    return kept.answer;
  };
}

function nameOf(error: unknown): string {
  console.warn(`health: ${error}`);
  return error instanceof Error ? error.name : "Error";
}

export const handler = onFirstCall(createHealth);
