import { machineDefinition } from "../packages/pipeline/machine.ts";
import { network } from "./network.ts";
import { decideFunction, finishFunction, planFunction } from "./round-functions.ts";
import { roundsRole } from "./rounds-role.ts";
import { cluster, imageTasks, publishTask, workTask } from "./runner.ts";

/** The prefix keeps the log group's resource policy from growing with every machine. */
export const logsOfRounds = `/aws/vendedlogs/states/${$app.name}-${$app.stage}-rounds`;
const logs = new aws.cloudwatch.LogGroup("RoundsLogs", {
  name: logsOfRounds,
  retentionInDays: 30,
});

/** Raw: sst.aws.StepFunctions emits a wrong field for a time-out, and takes neither a Catch's output nor a role. */
export const machine = new aws.sfn.StateMachine("Rounds", {
  name: `${$app.name}-${$app.stage}-rounds`,
  type: "STANDARD",
  roleArn: roundsRole.arn,
  definition: $util
    .all([
      planFunction.arn,
      decideFunction.arn,
      finishFunction.arn,
      cluster.nodes.cluster.arn,
      workTask.taskDefinition,
      publishTask.taskDefinition,
    ])
    .apply(([planArn, decideArn, finishArn, clusterArn, workTask, publishTask]) =>
      $util.all([network.subnets, network.securityGroups, imageTasks]).apply(([subnets, securityGroups, imageTasks]) =>
        JSON.stringify(
          machineDefinition({
            planArn,
            decideArn,
            finishArn,
            cluster: clusterArn,
            workTask,
            publishTask,
            imageTasks,
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
