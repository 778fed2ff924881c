import { settings } from "./settings.ts";

const name = `${$app.name}-${$app.stage}`;

/** Tells the operators of this deployment. */
export const topic = new aws.sns.Topic("Alarms", { name: `${name}-alarms` });
if (settings.alarmEmail)
  new aws.sns.TopicSubscription("AlarmsByMail", { topic: topic.arn, protocol: "email", endpoint: settings.alarmEmail });

export type Metric = {
  namespace: string;
  metricName: string;
  dimensions?: Record<string, $util.Input<string>>;
  /** Default: Sum. A percentile is written p99. */
  statistic?: string;
  periodSeconds?: number;
};

/** Missing data is health: nothing here reports while no job runs. */
export function alarm(
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
