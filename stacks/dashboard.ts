import { spend } from "./alarms.ts";
import { machine } from "./pipeline.ts";
import { decideFunction, finishFunction, planFunction } from "./round-functions.ts";
import { api, health, notify, slack } from "./slack.ts";
import { undelivered } from "./stream.ts";
import { changeSetFunction, dispatchFunction, scheduleFunction, sweepFunction, watchFunction } from "./sweeper.ts";

const functions = [
  slack,
  dispatchFunction,
  notify,
  planFunction,
  decideFunction,
  finishFunction,
  sweepFunction,
  watchFunction,
  scheduleFunction,
  changeSetFunction,
  health,
];

export const dashboardName = `${$app.name}-${$app.stage}`;
const region = aws.getRegionOutput().region;
new aws.cloudwatch.Dashboard("Dashboard", {
  dashboardName,
  dashboardBody: $util
    .all([region, machine.arn, undelivered.name, api.nodes.api.id, functions.map((fn) => fn.name)])
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
          graph("Spend on models, USD per day", [[spend.namespace, spend.metricName]], "Sum", 24 * 60 * 60),
        ],
      });
    }),
});
