import { lambda } from "./function.ts";
import { rows, table } from "./storage.ts";

export const planFunction = lambda("plan", {
  timeout: "110 seconds",
  permissions: [
    rows("BatchGetItem", "GetItem", "PutItem", "Query"),
    {
      actions: ["dynamodb:Query"],
      resources: [$interpolate`${table.arn}/index/jobsOfTeam`, $interpolate`${table.arn}/index/runsOfRepository`],
    },
  ],
});
export const decideFunction = lambda("decide", {
  permissions: [rows("GetItem", "Query", "UpdateItem")],
});
export const finishFunction = lambda("finish", {
  permissions: [rows("GetItem", "PutItem", "Query", "UpdateItem")],
});
