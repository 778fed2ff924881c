import { beforeAll, describe, expect, it } from "vitest";
import { billOfIdleMonth, billOfRun, type Counts, totalOf } from "../../packages/local/cost/bill.ts";
import { SHAPE } from "../../packages/local/cost/shape.ts";
import { PRODUCTION } from "./synth/deployments.ts";
import { all, one } from "./synth/query.ts";
import { type Synthesis, synthesise } from "./synth/synthesise.ts";

let deployed: Synthesis;
beforeAll(async () => {
  deployed = await synthesise(PRODUCTION);
}, 120_000);

/** As `npm run cost` counted it on 2026-11-22, per repository of a job of three. */
const COUNTED: Counts = {
  turns: 5.3,
  transitions: 7.7,
  calls: 34,
  slackRequests: 2,
  writeUnits: 19.3,
  readUnits: 95,
  puts: 8.7,
  gets: 8.7,
  objectBytes: 25_000,
  rowBytes: 4_000,
  logBytes: 36_000,
};
const RUN = { turns: 20, minutes: 5 };

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
    for (const { name, inputs } of all(deployed, "lambda/function:Function"))
      expect(Number(inputs.memorySize) / 1024, name).toBeCloseTo(
        name === "SlackFunction" ? SHAPE.slackGb : SHAPE.functionGb,
        3,
      );
    expect(all(deployed, "cloudwatch/metricAlarm:MetricAlarm")).toHaveLength(SHAPE.alarms);
    expect(one(deployed, "scheduler/schedule:Schedule").scheduleExpression).toBe(
      `rate(${SHAPE.sweepEveryMinutes} minutes)`,
    );
  });

  it("stays under a cent for a repository run of five minutes, and under a dollar for an idle month", () => {
    expect(totalOf(billOfRun(COUNTED, RUN))).toBeLessThan(0.01);
    expect(totalOf(billOfIdleMonth({ keptGb: 1 }))).toBeLessThan(1);
  });

  it("grows with minutes and turns, and bills a task for a minute at least", () => {
    const usd = (minutes: number, turns: number) => totalOf(billOfRun(COUNTED, { minutes, turns }));
    expect(usd(10, 20)).toBeGreaterThan(1.5 * usd(5, 20));
    expect(usd(5, 200)).toBeGreaterThan(usd(5, 20));
    expect(usd(0.1, 20)).toBe(usd(0.2, 20));
  });
});
