import { alarm, type Metric } from "./alarm.ts";
import { logsOfFunction } from "./function.ts";
import { decideFunction } from "./round-functions.ts";
import { workTask } from "./runner.ts";
import { settings } from "./settings.ts";
import { api, notify, slack } from "./slack.ts";
import { undelivered } from "./stream.ts";
import { sweepFunction } from "./sweeper.ts";
import { logsOf } from "./task.ts";

const namespace = `${$app.name}-${$app.stage}`;
const DAY = 24 * 60 * 60;

/**
 * Errors that nothing else reports. What Plan, Finish, dispatch and notify cannot do after their retries ends as a
 * failed round or an undelivered record, and both are told below; each alarm costs $0.10 a month.
 */
const errorsOf = (fn: sst.aws.Function): Metric => ({
  namespace: "AWS/Lambda",
  metricName: "Errors",
  dimensions: { FunctionName: fn.name },
});
alarm("SlackErrors", errorsOf(slack), 0, "Slack's function ended without an answer: its log group says why.");
alarm("DecideErrors", errorsOf(decideFunction), 0, "Decide failed; its retries or Finish have stood in.");
/** The sweeper fails as well while the function schedule does not do what is due. */
alarm(
  "SweepErrors",
  errorsOf(sweepFunction),
  0,
  "The last resort failed: jobs or schedules may hang. Runbook: a stuck job.",
);

/**
 * Bolt answers Slack whatever became of a listener, so Lambda counts no error: the app prints a line that begins so.
 */
const failures: Metric = { namespace, metricName: "SlackFailures" };
new aws.cloudwatch.LogMetricFilter(
  "SlackFailed",
  {
    name: `${namespace}-slack-failed`,
    logGroupName: logsOfFunction("Slack"),
    pattern: '{ $.message = "slack failed*" }',
    metricTransformation: { namespace, name: failures.metricName, value: "1" },
  },
  { dependsOn: [slack] },
);
alarm("SlackFailures", failures, 0, "A person's click or submit failed: the log group of slack says why.");

/** Counted over the whole account, because that is what shares one concurrency limit. */
const throttles: Metric = { namespace: "AWS/Lambda", metricName: "Throttles" };
alarm("Throttles", throttles, 0, "Functions met the account's concurrency limit: docs/deploy.md, quotas.");

const waiting: Metric = {
  namespace: "AWS/SQS",
  metricName: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName: undelivered.name },
  statistic: "Maximum",
};
alarm("Undelivered", waiting, 0, "A change of a row never reached dispatch or notify. Runbook: undelivered records.");

/** Its shard waits while one job's record fails, at most an hour; dispatch has the sweeper, cards have no other way. */
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
export const spend = { namespace, metricName: "SpendUsd" };
new aws.cloudwatch.LogMetricFilter(
  "Spend",
  {
    name: `${namespace}-spend`,
    logGroupName: logsOf("work"),
    pattern: '{ $.event = "recorded" }',
    metricTransformation: { namespace, name: spend.metricName, value: "$.spentUsd" },
  },
  { dependsOn: [workTask] },
);
alarm(
  "SpendPerDay",
  { ...spend, periodSeconds: DAY },
  settings.spendAlarmUsd,
  "The models cost more today than CODY_SPEND_ALARM_USD. Each job still has its own cost limit.",
);
