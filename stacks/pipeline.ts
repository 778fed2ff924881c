import { machineDefinition } from "../packages/pipeline/machine.ts";
import { lambda } from "./function.ts";
import { githubReading } from "./github.ts";
import { network } from "./network.ts";
import { cluster, publish, work } from "./runner.ts";
import { settings } from "./settings.ts";
import { table } from "./storage.ts";
import { onRows, streamPermissions, undelivered } from "./stream.ts";

const { partition } = aws.getPartitionOutput();
const region = aws.getRegionOutput().region;
const account = aws.getCallerIdentityOutput().accountId;

const store = { CODY_TABLE: table.name };
const rows = (...actions: string[]) => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [table.arn],
});

export const plan = lambda("Plan", {
  entry: "plan",
  timeout: "110 seconds",
  environment: {
    ...store,
    CODY_REPOS: settings.repositories,
    ...githubReading,
  },
  permissions: [rows("GetItem", "PutItem", "Query")],
});
export const decide = lambda("Decide", {
  entry: "decide",
  environment: store,
  permissions: [rows("GetItem", "Query", "UpdateItem")],
});
export const finish = lambda("Finish", {
  entry: "finish",
  environment: store,
  permissions: [rows("GetItem", "PutItem", "Query", "UpdateItem")],
});

const tasksOfCluster = cluster.nodes.cluster.arn.apply((arn) => `${arn.replace(":cluster/", ":task/")}/*`);
const role = new aws.iam.Role("RoundsRole", {
  /** For machines of this account alone: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html */
  assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ["sts:AssumeRole"],
        principals: [{ type: "Service", identifiers: ["states.amazonaws.com"] }],
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [account] }],
      },
    ],
  }).json,
  inlinePolicies: [
    {
      name: "inline",
      policy: aws.iam.getPolicyDocumentOutput({
        statements: [
          { actions: ["lambda:InvokeFunction"], resources: [plan.arn, decide.arn, finish.arn] },
          /** Any revision: an execution that began before a deployment still names the last one. */
          { actions: ["ecs:RunTask"], resources: [work, publish].map((task) => anyRevision(task.taskDefinition)) },
          { actions: ["ecs:StopTask", "ecs:DescribeTasks"], resources: [tasksOfCluster] },
          /** RunTask with PropagateTags is refused without it: ECS asks for the right to tag since 2024. */
          {
            actions: ["ecs:TagResource"],
            resources: [tasksOfCluster],
            conditions: [{ test: "StringEquals", variable: "ecs:CreateAction", values: ["RunTask"] }],
          },
          {
            actions: ["iam:PassRole"],
            resources: [work, publish].flatMap(({ nodes }) => [nodes.taskRole.arn, nodes.executionRole.arn]),
            conditions: [
              { test: "StringEquals", variable: "iam:PassedToService", values: ["ecs-tasks.amazonaws.com"] },
            ],
          },
          /** How Step Functions hears that a task has ended: a rule of its own, with this name, in this account. */
          {
            actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            resources: [
              $interpolate`arn:${partition}:events:${region}:${account}:rule/StepFunctionsGetEventsForECSTaskRule`,
            ],
          },
          /** The log delivery API takes no resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
          {
            actions: [
              "logs:CreateLogDelivery",
              "logs:GetLogDelivery",
              "logs:UpdateLogDelivery",
              "logs:DeleteLogDelivery",
              "logs:ListLogDeliveries",
              "logs:PutResourcePolicy",
              "logs:DescribeResourcePolicies",
              "logs:DescribeLogGroups",
            ],
            resources: ["*"],
          },
          /** Traces belong to no resource. */
          {
            actions: [
              "xray:PutTraceSegments",
              "xray:PutTelemetryRecords",
              "xray:GetSamplingRules",
              "xray:GetSamplingTargets",
            ],
            resources: ["*"],
          },
        ],
      }).json,
    },
  ],
});

const logs = new aws.cloudwatch.LogGroup("RoundsLogs", {
  /** The prefix keeps the log group's resource policy from growing with every machine. */
  name: `/aws/vendedlogs/states/${$app.name}-${$app.stage}-rounds`,
  retentionInDays: 30,
});

/** Raw: sst.aws.StepFunctions emits a wrong field for a time-out, and takes neither a Catch's output nor a role. */
export const machine = new aws.sfn.StateMachine("Rounds", {
  name: `${$app.name}-${$app.stage}-rounds`,
  type: "STANDARD",
  roleArn: role.arn,
  definition: $util
    .all([plan.arn, decide.arn, finish.arn, cluster.nodes.cluster.arn, work.taskDefinition, publish.taskDefinition])
    .apply(([planArn, decideArn, finishArn, clusterArn, workTask, publishTask]) =>
      $util.all([network.subnets, network.securityGroups]).apply(([subnets, securityGroups]) =>
        JSON.stringify(
          machineDefinition({
            planArn,
            decideArn,
            finishArn,
            cluster: clusterArn,
            workTask,
            publishTask,
            subnets,
            securityGroups,
            assignPublicIp: network.assignPublicIp,
          }),
        ),
      ),
    ),
  /** Ids only pass through the machine, so its data may be logged. */
  loggingConfiguration: { level: "ALL", includeExecutionData: true, logDestination: $interpolate`${logs.arn}:*` },
  tracingConfiguration: { enabled: true },
});

const executions = machine.arn.apply((arn) => `${arn.replace(":stateMachine:", ":execution:")}:*`);
const starts = { actions: ["states:StartExecution"], resources: [machine.arn] };

export const drive = lambda("Drive", {
  entry: "drive",
  timeout: "60 seconds",
  environment: { ...store, CODY_STATE_MACHINE_ARN: machine.arn },
  permissions: [rows("GetItem", "PutItem", "Query", "UpdateItem"), starts, ...streamPermissions],
});
onRows("Drive", drive, { sortKeys: ["JOB", { prefix: "ROUND#" }], batchSize: 25, windowSeconds: 0 });

export const sweep = lambda("Sweep", {
  entry: "sweep",
  timeout: "4 minutes",
  environment: { ...store, CODY_STATE_MACHINE_ARN: machine.arn },
  permissions: [
    rows("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
    { actions: ["dynamodb:Query"], resources: [$interpolate`${table.arn}/index/open`] },
    starts,
    { actions: ["states:DescribeExecution"], resources: [executions] },
  ],
});
new sst.aws.CronV2("Sweeper", { schedule: "rate(5 minutes)", function: sweep.arn });

/** An execution that failed, ran out of time or was stopped may have left rows open: the sweeper closes them now. */
export const endedBadly = new aws.cloudwatch.EventRule("RoundEndedBadly", {
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
  arn: sweep.arn,
  deadLetterConfig: { arn: undelivered.arn },
  retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
});
new aws.lambda.Permission("RoundEndedBadlyMaySweep", {
  action: "lambda:InvokeFunction",
  function: sweep.name,
  principal: "events.amazonaws.com",
  sourceArn: endedBadly.arn,
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

function anyRevision(taskDefinition: $util.Output<string>) {
  return taskDefinition.apply((arn) => arn.replace(/:\d+$/, ":*"));
}
