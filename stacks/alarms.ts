import { decide, drive, finish, machine, plan, sweep } from "./pipeline.ts";
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

const rounds = (metricName: string): Metric => ({
  namespace: "AWS/States",
  metricName,
  dimensions: { StateMachineArn: machine.arn },
});
const ofFunction = (fn: sst.aws.Function, metricName: string): Metric => ({
  namespace: "AWS/Lambda",
  metricName,
  dimensions: { FunctionName: fn.name },
});

alarm("RoundsFailed", rounds("ExecutionsFailed"), 0, "A round failed as a whole. Runbook: a stuck job.");
alarm("RoundsTimedOut", rounds("ExecutionsTimedOut"), 0, "A round ran for 12 hours. Runbook: a stuck job.");
alarm("RoundsAborted", rounds("ExecutionsAborted"), 0, "Somebody stopped an execution; the sweeper closes its rows.");

for (const [entry, fn] of Object.entries(functions)) {
  const title = entry.charAt(0).toUpperCase() + entry.slice(1);
  alarm(`${title}Errors`, ofFunction(fn, "Errors"), 0, `The function ${entry} threw: its log group says why.`);
  alarm(
    `${title}Throttles`,
    ofFunction(fn, "Throttles"),
    0,
    `The function ${entry} met the account's concurrency limit.`,
  );
}

const waiting: Metric = {
  namespace: "AWS/SQS",
  metricName: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName: undelivered.name },
  statistic: "Maximum",
};
alarm("Undelivered", waiting, 0, "A change of a row never reached drive or notify. Runbook: undelivered records.");

/** Slack gives up after 3 s; network and its own work take their share of them. */
const ack: Metric = {
  namespace: "AWS/ApiGateway",
  metricName: "IntegrationLatency",
  dimensions: { ApiId: api.nodes.api.id },
  statistic: "p99",
};
alarm("SlowAck", ack, 2000, "Slack got its answer late: people see operation_timeout.");

/** Work prints one line when a run ends: {"event":"run-ended", ..., "spentUsd": what this round cost}. */
const spend = { namespace: name, metricName: "SpendUsd" };
new aws.cloudwatch.LogMetricFilter(
  "Spend",
  {
    name: `${name}-spend`,
    logGroupName: logsOf("work"),
    pattern: '{ $.event = "run-ended" }',
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
