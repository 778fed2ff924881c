import { lambda } from "./function.ts";
import { githubReading } from "./github.ts";
import { settings } from "./settings.ts";
import { rows, store, table } from "./storage.ts";

export const planFunction = lambda("Plan", {
  entry: "plan",
  timeout: "110 seconds",
  environment: {
    ...store,
    CODY_REPOS: settings.repositories,
    ...githubReading,
  },
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
  environment: store,
  permissions: [rows("GetItem", "Query", "UpdateItem")],
});
export const finishFunction = lambda("Finish", {
  entry: "finish",
  environment: store,
  permissions: [rows("GetItem", "PutItem", "Query", "UpdateItem")],
});
