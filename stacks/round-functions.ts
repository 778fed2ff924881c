import { lambda } from "./function.ts";
import { rows, table } from "./storage.ts";

export const planFunction = lambda("Plan", {
  entry: "plan",
  timeout: "110 seconds",
  permissions: [
    rows("BatchGetItem", "GetItem", "PutItem", "Query"),
    {
      actions: ["dynamodb:Query"],
      resources: [$interpolate`${table.arn}/index/jobsOfTeam`, $interpolate`${table.arn}/index/runsOfRepository`],
    },
  ],
});
export const decideFunction = lambda("Decide", {
  entry: "decide",
  permissions: [rows("GetItem", "Query", "UpdateItem")],
});
export const finishFunction = lambda("Finish", {
  entry: "finish",
  permissions: [rows("GetItem", "PutItem", "Query", "UpdateItem")],
});
