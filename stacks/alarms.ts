import { decide, drive, endedBadly, finish, machine, plan, sweep } from "./pipeline.ts";
import { logsOf, work } from "./runner.ts";
import { settings } from "./settings.ts";
import { api, health, notify, slack } from "./slack.ts";
import { undelivered } from "./stream.ts";

const name = `${$app.name}-${$app.stage}`;
const DAY = 24 * 60 * 60;
const functions = { slack, drive, notify, plan, decide, finish, sweep, health };

const topic = new aws.sns.Topic("Alarms", { name: `${name}-alarms` });
if (settings.alarmEmail)
  new aws.sns.TopicSubscription("AlarmsByMail", { topic: topic.arn, protocol: "email", endpoint: settings.alarmEmail });

type Metric = {
  namespace: string;
  metricName: string;
  dimensions?: Record<string, $util.Input<string>>;
  /** Default: Sum. A percentile is written p99. */
  statistic?: string;
  periodSeconds?: number;
};

/** Missing data is health: nothing here reports while nobody works. */
function alarm(
  alarmName: string,
  { statistic = "Sum", periodSeconds = 300, ...metric }: Metric,
  above: number,
  meaning: string,
) {
  new aws.cloudwatch.MetricAlarm(alarmName, {
    ...metric,
    name: `${name}-${alarmName}`,
    alarmDescription: meaning,
    ...(statistic.startsWith("p") ? { extendedStatistic: statistic } : { statistic }),
    period: periodSeconds,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: above,
    treatMissingData: "notBreaching",
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });
}

/**
 * Errors that nobody else reports. What Plan, Finish, drive and notify cannot do after their retries ends as a failed
 * round or an undelivered record, and both are told below; each alarm costs $0.10 a month.
 */
const errorsOf = (fn: sst.aws.Function): Metric => ({
  namespace: "AWS/Lambda",
  metricName: "Errors",
  dimensions: { FunctionName: fn.name },
});
alarm("SlackErrors", errorsOf(slack), 0, "Somebody's click or submit failed: the log group of slack says why.");
alarm("DecideErrors", errorsOf(decide), 0, "Decide failed; its retries or Finish have stood in.");
alarm("SweepErrors", errorsOf(sweep), 0, "The last resort failed: jobs may hang. Runbook: a stuck job.");

/** Of the whole account, because that is what shares one concurrency limit. */
const throttles: Metric = { namespace: "AWS/Lambda", metricName: "Throttles" };
alarm("Throttles", throttles, 0, "Functions met the account's concurrency limit: docs/deploy.md, quotas.");

const waiting: Metric = {
  namespace: "AWS/SQS",
  metricName: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName: undelivered.name },
  statistic: "Maximum",
};
alarm("Undelivered", waiting, 0, "A change of a row never reached drive or notify. Runbook: undelivered records.");

/** Its shard waits while one job's record fails, at most an hour; drive has the sweeper, cards have nobody else. */
const age: Metric = {
  namespace: "AWS/Lambda",
  metricName: "IteratorAge",
  dimensions: { FunctionName: notify.name },
  statistic: "Maximum",
};
alarm("LateCards", age, 5 * 60 * 1000, "Cards are minutes late: the log group of notify says what it fails at.");

/** Slack gives up after 3 s; network and its own work take their share of them. */
const ack: Metric = {
  namespace: "AWS/ApiGateway",
  metricName: "IntegrationLatency",
  dimensions: { ApiId: api.nodes.api.id },
  statistic: "p99",
};
alarm("SlowAck", ack, 2000, "Slack got its answer late: people see operation_timeout.");

/** Work prints one line when its outcome is stored: {"event":"recorded", ..., "spentUsd": what this round cost}. */
const spend = { namespace: name, metricName: "SpendUsd" };
new aws.cloudwatch.LogMetricFilter(
  "Spend",
  {
    name: `${name}-spend`,
    logGroupName: logsOf("work"),
    pattern: '{ $.event = "recorded" }',
    metricTransformation: { namespace: spend.namespace, name: spend.metricName, value: "$.spentUsd" },
  },
  { dependsOn: [work] },
);
alarm(
  "SpendPerDay",
  { ...spend, periodSeconds: DAY },
  settings.spendAlarmUsd,
  "The models cost more today than CODY_SPEND_ALARM_USD. Each job still has its own cap.",
);

/** A round that failed as a whole is told by its own event: no metric and no alarm to pay for. */
new aws.cloudwatch.EventTarget("RoundEndedBadlyTell", {
  rule: endedBadly.name,
  arn: topic.arn,
  inputTransformer: {
    inputPaths: { round: "$.detail.name", status: "$.detail.status" },
    inputTemplate: `"Cody Batch (${$app.stage}): round <round> ended as <status>. Runbook: a stuck job."`,
  },
});
new aws.sns.TopicPolicy("AlarmsPolicy", {
  arn: topic.arn,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      /** EventBridge's own documentation gives no condition for topics: with one its messages may not arrive. */
      {
        actions: ["sns:Publish"],
        resources: [topic.arn],
        principals: [{ type: "Service", identifiers: ["events.amazonaws.com"] }],
      },
      {
        actions: ["sns:Publish"],
        resources: [topic.arn],
        principals: [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }],
        conditions: [
          { test: "StringEquals", variable: "aws:SourceAccount", values: [aws.getCallerIdentityOutput().accountId] },
        ],
      },
    ],
  }).json,
});

const region = aws.getRegionOutput().region;
new aws.cloudwatch.Dashboard("Dashboard", {
  dashboardName: name,
  dashboardBody: $util
    .all([region, machine.arn, undelivered.name, api.nodes.api.id, Object.values(functions).map((fn) => fn.name)])
    .apply(([region, machineArn, queue, apiId, functionNames]) => {
      const graph = (title: string, metrics: unknown[][], stat = "Sum", period = 300) => ({
        type: "metric",
        width: 12,
        height: 6,
        properties: { title, region, metrics, stat, period, view: "timeSeries" },
      });
      const ofRounds = (metric: string) => ["AWS/States", metric, "StateMachineArn", machineArn];
      return JSON.stringify({
        widgets: [
          graph(
            "Rounds",
            ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"].map(ofRounds),
          ),
          graph("How long rounds take", [ofRounds("ExecutionTime")], "p90"),
          graph("Answer to Slack, p99 ms", [["AWS/ApiGateway", "IntegrationLatency", "ApiId", apiId]], "p99"),
          graph(
            "Errors of functions",
            functionNames.map((fn) => ["AWS/Lambda", "Errors", "FunctionName", fn]),
          ),
          graph(
            "Undelivered records",
            [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]],
            "Maximum",
          ),
          graph("Spend on models, USD per day", [[spend.namespace, spend.metricName]], "Sum", DAY),
        ],
      });
    }),
});
