import { topic } from "./alarm.ts";
import { machine } from "./pipeline.ts";
import { undelivered } from "./stream.ts";
import { sweepFunction } from "./sweeper.ts";

/** An execution that failed, ran out of time or was stopped may have left rows open: the sweeper closes them now. */
const endedBadly = new aws.cloudwatch.EventRule("RoundEndedBadly", {
  name: `${$app.name}-${$app.stage}-round-ended-badly`,
  eventPattern: machine.arn.apply((arn) =>
    JSON.stringify({
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
      detail: { stateMachineArn: [arn], status: ["FAILED", "TIMED_OUT", "ABORTED"] },
    }),
  ),
});
new aws.cloudwatch.EventTarget("RoundEndedBadlySweep", {
  rule: endedBadly.name,
  arn: sweepFunction.arn,
  deadLetterConfig: { arn: undelivered.arn },
  retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
});
new aws.lambda.Permission("RoundEndedBadlyMaySweep", {
  action: "lambda:InvokeFunction",
  function: sweepFunction.name,
  principal: "events.amazonaws.com",
  sourceArn: endedBadly.arn,
});
/** A round that failed as a whole is told by its own event: no metric and no alarm to pay for. */
new aws.cloudwatch.EventTarget("RoundEndedBadlyTell", {
  rule: endedBadly.name,
  arn: topic.arn,
  inputTransformer: {
    inputPaths: { round: "$.detail.name", status: "$.detail.status" },
    inputTemplate: `"Cody Batch (${$app.stage}): round <round> ended as <status>. Runbook: a stuck job."`,
  },
});
/** EventBridge delivers to a dead-letter queue as a service, so the queue has to let it. */
new aws.sqs.QueuePolicy("UndeliveredPolicy", {
  queueUrl: undelivered.url,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ["sqs:SendMessage"],
        resources: [undelivered.arn],
        principals: [{ type: "Service", identifiers: ["events.amazonaws.com"] }],
        conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: [endedBadly.arn] }],
      },
    ],
  }).json,
});
