import { lambda } from "./function.ts";
import { machine } from "./pipeline.ts";
import { rows, table } from "./storage.ts";
import { onRows, streamPermissions } from "./stream.ts";

const executions = machine.arn.apply((arn) => `${arn.replace(":stateMachine:", ":execution:")}:*`);
const starts = { actions: ["states:StartExecution"], resources: [machine.arn] };

export const dispatchFunction = lambda("dispatch", {
  timeout: "60 seconds",
  made: { CODY_STATE_MACHINE_ARN: machine.arn },
  permissions: [rows("GetItem", "PutItem", "Query", "UpdateItem"), starts, ...streamPermissions],
});
onRows("Drive", dispatchFunction, { sortKeys: ["JOB", { prefix: "ROUND#" }], batchSize: 25, windowSeconds: 0 });

export const sweepFunction = lambda("sweep", {
  timeout: "4 minutes",
  memory: "256 MB",
  made: { CODY_STATE_MACHINE_ARN: machine.arn },
  permissions: [
    rows("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
    { actions: ["dynamodb:Query"], resources: [$interpolate`${table.arn}/index/open`] },
    starts,
    { actions: ["states:DescribeExecution"], resources: [executions] },
  ],
});
/** In Publish's zone: it merges, closes and reverts what people asked for, and runs nothing of a repository. */
export const changeSetFunction = lambda("change-set", {
  timeout: "55 seconds",
  memory: "256 MB",
  isQuiet: true,
  permissions: [
    rows("BatchGetItem", "GetItem", "Query", "UpdateItem"),
    { actions: ["dynamodb:Query"], resources: [$interpolate`${table.arn}/index/open`] },
  ],
});
/** Reads GitHub and writes rows alone, that of a round too where a job's option asks for it: an outage there stops no sweep. It wakes the function above while something is asked for. */
export const watchFunction = lambda("watch", {
  timeout: "55 seconds",
  memory: "256 MB",
  isQuiet: true,
  made: { CODY_CHANGE_SET_FUNCTION: changeSetFunction.name },
  permissions: [
    rows("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
    { actions: ["dynamodb:Query"], resources: [$interpolate`${table.arn}/index/open`] },
    { actions: ["lambda:InvokeFunction"], resources: [changeSetFunction.arn] },
  ],
});
/** Starts saved jobs whose time has come, and waves of campaigns, with the rights of their owners: it asks Slack and GitHub about them. */
export const scheduleFunction = lambda("schedule", {
  timeout: "55 seconds",
  memory: "256 MB",
  isQuiet: true,
  permissions: [
    rows("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
    {
      actions: ["dynamodb:Query"],
      resources: ["open", "runsOfRepository"].map((index) => $interpolate`${table.arn}/index/${index}`),
    },
  ],
});
/** Planned times are quarters of an hour. A look each minute would cost an idle deployment five times as much. */
new sst.aws.CronV2("Scheduler", { schedule: "cron(0/5 * * * ? *)", function: scheduleFunction.arn });
new sst.aws.CronV2("Watcher", { schedule: "rate(1 minute)", function: watchFunction.arn });
new sst.aws.CronV2("Sweeper", { schedule: "rate(5 minutes)", function: sweepFunction.arn });
