import { beforeAll, describe, expect, it } from "vitest";
import { billOfIdleMonth, totalOf } from "../cost/bill.ts";
import { GOALS } from "../cost/goals.ts";
import { FREE_DASHBOARD_METRICS, SHAPE } from "../cost/shape.ts";
import { PRODUCTION } from "./synth/deployments.ts";
import { all, json, one } from "./synth/query.ts";
import { type Synthesis, synthesise } from "./synth/synthesise.ts";

let deployed: Synthesis;
beforeAll(async () => {
  deployed = await synthesise(PRODUCTION);
}, 120_000);

describe("what AWS costs", () => {
  it("is reckoned for what the stacks deploy", () => {
    const shapeOf = (name: string) => {
      const { cpu, memory, ephemeralStorage } = one(deployed, "ecs/taskDefinition:TaskDefinition", `${name}Task`);
      const disk = ephemeralStorage as { sizeInGib: number };
      return { vcpu: Number(cpu) / 1024, memoryGb: Number(memory) / 1024, diskGb: disk.sizeInGib };
    };
    expect({ work: shapeOf("Work"), publish: shapeOf("Publish") }).toEqual({
      work: SHAPE.work,
      publish: SHAPE.publish,
    });
    const gb: Record<string, number> = {
      SlackFunction: SHAPE.slackGb,
      SweepFunction: SHAPE.sweepGb,
      WatchFunction: SHAPE.watchGb,
      ChangeSetFunction: SHAPE.watchGb,
      ScheduleFunction: SHAPE.scheduleGb,
    };
    for (const { name, inputs } of all(deployed, "lambda/function:Function"))
      expect(Number(inputs.memorySize) / 1024, name).toBeCloseTo(gb[name] ?? SHAPE.functionGb, 3);
    expect(all(deployed, "cloudwatch/metricAlarm:MetricAlarm")).toHaveLength(SHAPE.alarms);
    const rateOf = (name: string) => one(deployed, "scheduler/schedule:Schedule", name).scheduleExpression;
    expect(rateOf("SweeperSchedule")).toBe(`rate(${SHAPE.sweepEveryMinutes} minutes)`);
    expect(rateOf("WatcherSchedule")).toBe(`rate(${SHAPE.watchEveryMinutes} minute)`);
    expect(rateOf("SchedulerSchedule")).toBe(`cron(0/${SHAPE.scheduleEveryMinutes} * * * ? *)`);
  });

  it("stays under a dollar for an idle month, the dashboard being among the free ones", () => {
    expect(totalOf(billOfIdleMonth({ keptGb: 1 }))).toBeLessThan(GOALS.idleMonthUsd);
    const dashboards = all(deployed, "cloudwatch/dashboard:Dashboard");
    expect(dashboards).toHaveLength(SHAPE.dashboards);
    const { widgets } = json(dashboards[0]!.inputs.dashboardBody) as {
      widgets: { properties: { metrics: unknown[] } }[];
    };
    const shown = widgets.reduce((sum, { properties }) => sum + properties.metrics.length, 0);
    expect(shown).toBeLessThanOrEqual(FREE_DASHBOARD_METRICS);
  });

  it("has nothing else that costs by the hour", () => {
    const byTheHour =
      /natGateway|:eip|loadBalancing|:lb\/|kms\/key|secretsmanager|hostedZone|servicediscovery|rds|elasticache|provisionedConcurrency|Interface/i;
    const interfaces = all(deployed, "ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => String(inputs.vpcEndpointType));
    expect(
      [...deployed.resources.map(({ type }) => type), ...interfaces].filter((type) => byTheHour.test(type)),
    ).toEqual([]);
  });
});
