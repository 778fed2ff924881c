import { table } from "./storage.ts";

/**
 * Records that a consumer could not take in an hour. The sweeper has done their work by then; an operator should look.
 */
export const undelivered = new aws.sqs.Queue("Undelivered", {
  name: `${$app.name}-${$app.stage}-undelivered`,
  messageRetentionSeconds: 14 * 24 * 60 * 60,
  sqsManagedSseEnabled: true,
});

export const streamPermissions = [
  {
    actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
    resources: [table.nodes.table.streamArn],
  },
  /** Lambda asks for it when the mapping is made; it names streams and reads none, and takes no resource. */
  { actions: ["dynamodb:ListStreams"], resources: ["*"] },
  { actions: ["sqs:SendMessage"], resources: [undelivered.arn] },
];

type SortKeys = (string | { prefix: string })[];
/** `campaigns`: of the rows of campaigns, beside those of jobs. */
type Consumer = { sortKeys: SortKeys; campaigns?: SortKeys; windowSeconds: number; batchSize: number };

const pattern = (partition: string, sortKeys: SortKeys) => ({
  pattern: JSON.stringify({
    eventName: ["INSERT", "MODIFY"],
    dynamodb: { Keys: { pk: { S: [{ prefix: partition }] }, sk: { S: sortKeys } } },
  }),
});

/** Two consumers at most: DynamoDB gives a shard to no more than two readers without throttling them. */
export function onRows(
  name: string,
  fn: sst.aws.Function,
  { sortKeys, campaigns, windowSeconds, batchSize }: Consumer,
) {
  return new aws.lambda.EventSourceMapping(`${name}Stream`, {
    eventSourceArn: table.nodes.table.streamArn,
    functionName: fn.arn,
    /** From the oldest record: everything a consumer does may be repeated, and a new mapping misses nothing. */
    startingPosition: "TRIM_HORIZON",
    batchSize,
    maximumBatchingWindowInSeconds: windowSeconds,
    bisectBatchOnFunctionError: true,
    functionResponseTypes: ["ReportBatchItemFailures"],
    maximumRetryAttempts: 20,
    maximumRecordAgeInSeconds: 3600,
    destinationConfig: { onFailure: { destinationArn: undelivered.arn } },
    filterCriteria: {
      filters: [pattern("JOB#", sortKeys), ...(campaigns ? [pattern("CAMPAIGN#", campaigns)] : [])],
    },
  });
}
