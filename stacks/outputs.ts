import { topic } from "./alarm.ts";
import { dashboardName } from "./dashboard.ts";
import { logsOfFunction } from "./function.ts";
import { logsOfRounds, machine } from "./pipeline.ts";
import { bucket, table } from "./storage.ts";
import { undelivered } from "./stream.ts";
import { logsOf } from "./task.ts";

/** What the runbook's commands and queries name; printed at the end of a deployment. */
export const names = {
  table: table.name,
  bucket: bucket.name,
  stateMachine: machine.arn,
  undelivered: undelivered.url,
  alarms: topic.arn,
  dashboard: dashboardName,
  logGroups: [logsOfFunction("*"), logsOf("work"), logsOf("publish"), logsOfRounds].join(", "),
};
