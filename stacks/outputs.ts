import { topic } from "./alarm.ts";
import { machine } from "./pipeline.ts";
import { bucket, table } from "./storage.ts";
import { undelivered } from "./stream.ts";
import { logsOf } from "./task.ts";

const name = `${$app.name}-${$app.stage}`;

/** What the runbook's commands and queries name; printed at the end of a deployment. */
export const names = {
  table: table.name,
  bucket: bucket.name,
  stateMachine: machine.arn,
  undelivered: undelivered.url,
  alarms: topic.arn,
  dashboard: name,
  logGroups: `/aws/lambda/${name}-*, ${logsOf("work")}, ${logsOf("publish")}, /aws/vendedlogs/states/${name}-rounds`,
};
