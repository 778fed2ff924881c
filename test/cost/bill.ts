import { PRICES } from "./prices.ts";
import {
  FREE_DASHBOARDS,
  FREE_SCHEDULES,
  FUNCTION_SECONDS,
  IDLE_WATCH_SECONDS,
  IMAGE_GB,
  LEAST_TASK_SECONDS,
  PULL_SECONDS,
  SHAPE,
} from "./shape.ts";

/** What one repository run asked of AWS, on the average of a job. */
export type Counts = {
  turns: number;
  transitions: number;
  /** Calls of plan, decide, finish, dispatch and notify. */
  calls: number;
  slackRequests: number;
  writeUnits: number;
  readUnits: number;
  puts: number;
  gets: number;
  objectBytes: number;
  rowBytes: number;
  logBytes: number;
  /** Bytes of all requests to the model. */
  sentBytes: number;
};
export type Line = { name: string; count: string; usd: number };

const GB = 1e9;
const HOURS_A_MONTH = 730;
const whole = (n: number) => Math.ceil(n).toLocaleString("en");

function task(name: string, { vcpu, memoryGb, diskGb }: typeof SHAPE.work, seconds: number): Line {
  const billed = Math.max(LEAST_TASK_SECONDS, seconds + PULL_SECONDS);
  const hourly =
    vcpu * PRICES.vcpuHour +
    memoryGb * PRICES.memoryGbHour +
    (diskGb - 20) * PRICES.diskGbHour +
    PRICES.publicAddressHour;
  return { name, count: `${whole(billed)} s of ${vcpu} vCPU, ${memoryGb} GB`, usd: (billed / 3600) * hourly };
}

const calls = (name: string, count: number, gb: number, seconds = FUNCTION_SECONDS): Line => ({
  name,
  count: `${whole(count)} calls`,
  usd: count * (PRICES.lambdaRequest + gb * seconds * PRICES.lambdaGbSecond),
});

/** One repository run: `counts` of a run of some turns, scaled to one of `turns` turns and `minutes` minutes. */
export function billOfRun(counts: Counts, { turns, minutes }: { turns: number; minutes: number }): Line[] {
  const scale = Math.max(1, turns / counts.turns);
  const times = (count: number) => count * scale;
  return [
    task("Work task", SHAPE.work, minutes * 60),
    task("Publish task", SHAPE.publish, 30),
    {
      name: "Step Functions",
      count: `${whole(counts.transitions)} transitions`,
      usd: counts.transitions * (PRICES.transition + PRICES.trace),
    },
    calls("functions", times(counts.calls), SHAPE.functionGb),
    {
      name: "notify waiting",
      count: `${whole(minutes * 60)} s at most`,
      usd: minutes * 60 * SHAPE.functionGb * PRICES.lambdaGbSecond,
    },
    calls("slack function", counts.slackRequests, SHAPE.slackGb),
    {
      name: "HTTP API",
      count: `${whole(counts.slackRequests)} requests`,
      usd: counts.slackRequests * PRICES.httpRequest,
    },
    {
      name: "DynamoDB",
      count: `${whole(times(counts.writeUnits))} writes, ${whole(times(counts.readUnits))} reads`,
      usd: times(counts.writeUnits) * PRICES.writeUnit + times(counts.readUnits) * PRICES.readUnit,
    },
    {
      name: "S3",
      count: `${whole(times(counts.puts))} puts, ${whole(times(counts.gets))} gets`,
      usd: times(counts.puts) * PRICES.put + times(counts.gets) * PRICES.get,
    },
    {
      name: "kept for a year",
      count: `${whole(times(counts.objectBytes + counts.rowBytes) / 1e3)} kB`,
      usd:
        (12 * (times(counts.objectBytes) * PRICES.objectGbMonth + times(counts.rowBytes) * PRICES.tableGbMonth)) / GB,
    },
    {
      name: "logs",
      count: `${whole(times(counts.logBytes) / 1e3)} kB`,
      usd: (times(counts.logBytes) / GB) * PRICES.logGb,
    },
    {
      name: "spend metric",
      count: "1 hour",
      usd: PRICES.metricMonth / HOURS_A_MONTH,
    },
    {
      // Each request holds the whole conversation so far.
      name: "out to the model",
      count: `${whole((counts.sentBytes * scale ** 2) / 1e3)} kB`,
      usd: ((counts.sentBytes * scale ** 2) / GB) * PRICES.outGb,
    },
  ];
}

/** A month without a single request, with `keptGb` of old jobs lying there. */
export function billOfIdleMonth({ keptGb }: { keptGb: number }): Line[] {
  const sweeps = (30 * 24 * 60) / SHAPE.sweepEveryMinutes;
  const watches = (30 * 24 * 60) / SHAPE.watchEveryMinutes;
  const looks = (30 * 24 * 60) / SHAPE.scheduleEveryMinutes;
  const times = sweeps + watches + looks;
  const reads = 3 * sweeps + watches + watches / 5 + 2 * looks;
  const SWEEP_LOG_BYTES = 1_000;
  return [
    { name: "alarms", count: `${SHAPE.alarms}`, usd: SHAPE.alarms * PRICES.alarmMonth },
    {
      name: "dashboard",
      count: `${SHAPE.dashboards}; an account's first ${FREE_DASHBOARDS} are free, a further one is $${PRICES.dashboardMonth}`,
      usd: Math.max(0, SHAPE.dashboards - FREE_DASHBOARDS) * PRICES.dashboardMonth,
    },
    calls("sweeper", sweeps, SHAPE.sweepGb),
    calls("watcher", watches, SHAPE.watchGb, IDLE_WATCH_SECONDS),
    calls("look for due schedules", looks, SHAPE.scheduleGb, IDLE_WATCH_SECONDS),
    {
      name: "schedules",
      count: `${whole(times)} times; an account's first ${whole(FREE_SCHEDULES)} are free`,
      usd: Math.max(0, times - FREE_SCHEDULES) * PRICES.schedule,
    },
    // A query of an index that finds nothing is half a unit. The sweeper makes three, a look for what is due two, the
    // watcher one and each fifth time two.
    { name: "DynamoDB", count: `${whole(reads)} reads`, usd: (reads / 2) * PRICES.readUnit },
    {
      name: "logs",
      count: `${whole((sweeps * SWEEP_LOG_BYTES) / 1e6)} MB`,
      usd: ((sweeps * SWEEP_LOG_BYTES) / GB) * PRICES.logGb,
    },
    { name: "image", count: `${IMAGE_GB} GB`, usd: IMAGE_GB * PRICES.imageGbMonth },
    { name: "old jobs", count: `${keptGb} GB`, usd: keptGb * PRICES.objectGbMonth },
  ];
}

export const totalOf = (lines: Line[]) => lines.reduce((sum, { usd }) => sum + usd, 0);
