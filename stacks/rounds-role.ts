import { decideFunction, finishFunction, planFunction } from "./round-functions.ts";
import { cluster, imageTasks, publishTask, workTask } from "./runner.ts";

const { partition } = aws.getPartitionOutput();
const region = aws.getRegionOutput().region;
const account = aws.getCallerIdentityOutput().accountId;

const tasksOfCluster = cluster.nodes.cluster.arn.apply((arn) => `${arn.replace(":cluster/", ":task/")}/*`);
export const roundsRole = new aws.iam.Role("RoundsRole", {
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
          { actions: ["lambda:InvokeFunction"], resources: [planFunction.arn, decideFunction.arn, finishFunction.arn] },
          /** Any revision: an execution that began before a deployment still names the last one. */
          {
            actions: ["ecs:RunTask"],
            resources: [workTask.taskDefinition, publishTask.taskDefinition, ...Object.values(imageTasks)].map(
              anyRevision,
            ),
          },
          { actions: ["ecs:StopTask", "ecs:DescribeTasks"], resources: [tasksOfCluster] },
          /** RunTask with PropagateTags is refused without it: ECS asks for the right to tag since 2024. */
          {
            actions: ["ecs:TagResource"],
            resources: [tasksOfCluster],
            conditions: [{ test: "StringEquals", variable: "ecs:CreateAction", values: ["RunTask"] }],
          },
          {
            actions: ["iam:PassRole"],
            resources: [workTask, publishTask].flatMap(({ nodes }) => [nodes.taskRole.arn, nodes.executionRole.arn]),
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

function anyRevision(taskDefinition: $util.Output<string>) {
  return taskDefinition.apply((arn) => arn.replace(/:\d+$/, ":*"));
}
