/** What the stacks deploy, as far as it has a price; test/infra/cost.test.ts holds it to the synthesised stacks. */
export const SHAPE = {
  work: { vcpu: 1, memoryGb: 4, diskGb: 30 },
  publish: { vcpu: 0.5, memoryGb: 1, diskGb: 30 },
  functionGb: 0.5,
  slackGb: 1.728,
  alarms: 9,
  dashboards: 1,
  sweepEveryMinutes: 5,
  sweepGb: 0.25,
  watchGb: 0.25,
  watchEveryMinutes: 1,
  scheduleGb: 0.25,
  scheduleEveryMinutes: 5,
};

/** The free tier of an account, for ever; 50 metrics at most each. https://aws.amazon.com/cloudwatch/pricing/ */
export const FREE_DASHBOARDS = 3;
export const FREE_DASHBOARD_METRICS = 50;
/** The image's budget, compressed. */
export const IMAGE_GB = 0.25;
/** From RunTask to the first line of the runner: Fargate bills while it pulls the image. */
export const PULL_SECONDS = 40;
/** Fargate's least. */
export const LEAST_TASK_SECONDS = 60;
/** The same of a look at a list with nothing on it. */
export const IDLE_WATCH_SECONDS = 0.1;
/** Calls of EventBridge's scheduler that are free each month, for ever. */
export const FREE_SCHEDULES = 14e6;
/** Billed time of one call, waiting apart: a few reads and writes. A cold start is about a second now and then. */
export const FUNCTION_SECONDS = 0.3;
