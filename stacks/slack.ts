import { lambda } from "./function.ts";
import { machine } from "./pipeline.ts";
import { attachedFiles, bucket, jobObjects, patchArchives, reports, rows, table, tableAndIndexes } from "./storage.ts";
import { onRows, streamPermissions } from "./stream.ts";
import { scheduleFunction } from "./sweeper.ts";

/** Slack waits 3 s, a cold start included: the most generous memory, because CPU comes with it. */
export const slack = lambda("slack", {
  memory: "1769 MB",
  timeout: "10 seconds",
  made: { CODY_SCHEDULE_FUNCTION: scheduleFunction.name },
  permissions: [
    rows("GetItem", "PutItem", "UpdateItem"),
    { actions: ["dynamodb:Query", "dynamodb:BatchGetItem"], resources: tableAndIndexes },
    /** It signs download links, and a link can do no more than its signer. */
    { actions: ["s3:GetObject"], resources: [jobObjects, reports] },
    /** A missing object is told apart from a forbidden one; the turns of a conversation are counted. */
    { actions: ["s3:ListBucket"], resources: [bucket.arn] },
    /** The objects that it makes: the patches of a job as an archive, what a person attached, and figures. */
    { actions: ["s3:PutObject"], resources: [patchArchives, attachedFiles, reports] },
    /** A press on Run now or Start wave: what is due would wait for the next look. */
    { actions: ["lambda:InvokeFunction"], resources: [scheduleFunction.arn] },
  ],
});

export const notify = lambda("notify", {
  /** Fifty endings at once take Slack a minute, and a word of Slack's to wait may take another. */
  timeout: "3 minutes",
  permissions: [
    rows("GetItem", "PutItem", "UpdateItem"),
    /** The dashboards that people look at list jobs and what is open. */
    { actions: ["dynamodb:Query", "dynamodb:BatchGetItem"], resources: tableAndIndexes },
    ...streamPermissions,
  ],
});
/** Its own row, CARD, is left out: an update that caused an update would never end. */
onRows("Notify", notify, {
  sortKeys: ["JOB", { prefix: "ROUND#" }, { prefix: "REPO#" }, { prefix: "ASK#" }],
  campaigns: ["CAMPAIGN"],
  batchSize: 100,
  windowSeconds: 1,
});

export const health = lambda("health", {
  made: { CODY_STATE_MACHINE_ARN: machine.arn },
  permissions: [
    { actions: ["dynamodb:DescribeTable"], resources: [table.arn] },
    { actions: ["s3:ListBucket"], resources: [bucket.arn] },
    { actions: ["states:DescribeStateMachine"], resources: [machine.arn] },
  ],
});

/**
 * The only way in, at a rate that keeps the bill small. What is not signed by Slack is refused by the function
 * before it does anything.
 */
export const api = new sst.aws.ApiGatewayV2("Api", {
  cors: false,
  accessLog: { retention: "1 month" },
  transform: {
    stage: (stage) => {
      stage.defaultRouteSettings = { throttlingBurstLimit: 100, throttlingRateLimit: 20 };
    },
  },
});
api.route("POST /slack/events", slack.arn);
api.route("GET /health", health.arn);
