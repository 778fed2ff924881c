import { readFileSync } from "node:fs";
import { join } from "node:path";
import aslValidator from "asl-validator";
import { beforeAll, describe, expect, it } from "vitest";
import { FUNCTIONS } from "../../packages/config/zones.ts";
import { FUNCTION_SECONDS, machineDefinition } from "../../packages/pipeline/machine.ts";
import { APP, PRIVATE, PRODUCTION, SIGNING_KEY } from "./synth/deployments.ts";
import { all, environmentOf, json, machineOf, one } from "./synth/query.ts";
import { ROOT, type Synthesis, synthesise } from "./synth/synthesise.ts";

let production: Synthesis;
let dev: Synthesis;
let app: Synthesis;
beforeAll(async () => {
  [production, dev, app] = (await Promise.all([PRODUCTION, PRIVATE, APP].map(synthesise))) as [
    Synthesis,
    Synthesis,
    Synthesis,
  ];
}, 120_000);

describe("pipeline", () => {
  it("deploys the machine of packages/pipeline/machine.ts with its ARNs filled in, and nothing else", () => {
    const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:111122223333:${rest}`;
    const wanted = machineDefinition({
      planArn: arn("lambda", "function:PlanFunction"),
      decideArn: arn("lambda", "function:DecideFunction"),
      finishArn: arn("lambda", "function:FinishFunction"),
      cluster: arn("ecs", "cluster/RunnersCluster"),
      workTask: arn("ecs", "task-definition/WorkTask:1"),
      publishTask: arn("ecs", "task-definition/PublishTask:1"),
      subnets: ["PublicSubnet1-id", "PublicSubnet2-id"],
      securityGroups: ["TaskGroup-id"],
      assignPublicIp: true,
    });
    expect(machineOf(production)).toEqual(JSON.parse(JSON.stringify(wanted)));
    for (const deployed of [production, app])
      expect(aslValidator(machineOf(deployed))).toMatchObject({ isValid: true, errors: [] });
  });

  it("has Work once more in each image that settings may choose, the same in all else, and may run it", () => {
    const { States } = machineOf(dev).States.Runs.ItemProcessor;
    const [first] = States.Step.Choices;
    expect([first.And[2].StringEquals, first.Next]).toEqual(["java21", "Work java21"]);
    expect(States["WorkOnDemand dot.net"].Parameters.TaskDefinition).toMatch(/WorkImage-dot_net/);
    const work = one(dev, "ecs/taskDefinition:TaskDefinition", "WorkTask");
    const java = one(dev, "ecs/taskDefinition:TaskDefinition", "WorkImage-java21");
    const [own] = json(work.containerDefinitions);
    expect(json(java.containerDefinitions)).toEqual([{ ...own, image: "registry.example.com/cody-java:21" }]);
    const { containerDefinitions: _, family: __, volumes: ___, ...machine } = work;
    expect(java).toMatchObject(JSON.parse(JSON.stringify(machine)));
    const policy = JSON.stringify(one(dev, "iam/role:Role", "RoundsRole").inlinePolicies);
    expect(policy).toMatch(/task-definition\/WorkImage-java21:\*/);
    expect(aslValidator(machineOf(dev))).toMatchObject({ isValid: true, errors: [] });
  });

  it("logs and traces executions, which carry ids only", () => {
    expect(one(production, "sfn/stateMachine:StateMachine")).toMatchObject({
      type: "STANDARD",
      loggingConfiguration: { level: "ALL", includeExecutionData: true },
      tracingConfiguration: { enabled: true },
    });
  });

  it("sweeps every five minutes, and at once when an execution fails, times out or is stopped", () => {
    expect(one(production, "scheduler/schedule:Schedule", "SweeperSchedule")).toMatchObject({
      scheduleExpression: "rate(5 minutes)",
      state: "ENABLED",
      target: { arn: expect.stringContaining("SweepFunction") },
    });
    expect(json(one(production, "cloudwatch/eventRule:EventRule").eventPattern)).toEqual({
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
      detail: {
        stateMachineArn: ["arn:aws:states:eu-west-1:111122223333:stateMachine:Rounds"],
        status: ["FAILED", "TIMED_OUT", "ABORTED"],
      },
    });
    expect(one(production, "cloudwatch/eventTarget:EventTarget", "RoundEndedBadlySweep").arn).toContain(
      "SweepFunction",
    );
    expect(one(production, "lambda/permission:Permission", "RoundEndedBadlyMaySweep")).toMatchObject({
      function: "SweepFunction",
      principal: "events.amazonaws.com",
      sourceArn: expect.stringMatching(/RoundEndedBadly$/),
    });
  });
});

describe("the table's stream", () => {
  it("reaches dispatch and notify and no other: DynamoDB serves two readers of a shard", () => {
    const consumers = all(production, "lambda/eventSourceMapping:EventSourceMapping");
    expect(consumers.map(({ name }) => name).toSorted()).toEqual(["DriveStream", "NotifyStream"]);
    for (const { inputs } of consumers)
      expect(inputs).toMatchObject({
        bisectBatchOnFunctionError: true,
        functionResponseTypes: ["ReportBatchItemFailures"],
        startingPosition: "TRIM_HORIZON",
        // A record that cannot be handled holds its shard up for so long, by default for a day.
        maximumRetryAttempts: 20,
        maximumRecordAgeInSeconds: 3600,
        destinationConfig: { onFailure: { destinationArn: expect.stringContaining("Undelivered") } },
      });
  });

  it("leaves what was not handled in one encrypted queue, which lets the rule's service write too", () => {
    expect(one(production, "sqs/queue:Queue")).toMatchObject({
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 14 * 24 * 60 * 60,
    });
    const { deadLetterConfig } = one(production, "cloudwatch/eventTarget:EventTarget", "RoundEndedBadlySweep");
    expect(deadLetterConfig).toEqual({ arn: expect.stringMatching(/:Undelivered$/) });
    const { policy, queueUrl } = one(production, "sqs/queuePolicy:QueuePolicy");
    expect(queueUrl).toMatch(/Undelivered$/);
    expect(json(policy).Statement).toMatchObject([
      {
        Action: ["sqs:SendMessage"],
        Principal: { Service: ["events.amazonaws.com"] },
        Condition: { ArnEquals: { "aws:SourceArn": [expect.stringMatching(/RoundEndedBadly$/)] } },
      },
    ]);
  });

  it("shows notify every row of a job but its own card, and of a campaign its own row", () => {
    const [notify, drive] = ["NotifyStream", "DriveStream"].map((name) => {
      const { filterCriteria } = one(production, "lambda/eventSourceMapping:EventSourceMapping", name);
      return JSON.parse((filterCriteria as { filters: { pattern: string }[] }).filters[0]!.pattern).dynamodb.Keys;
    });
    const takes = (keys: { pk: { S: Match[] }; sk: { S: Match[] } }, pk: string, sk: string) =>
      [
        [keys.pk.S, pk],
        [keys.sk.S, sk],
      ].every(([matches, value]) => (matches as Match[]).some((match) => matchesValue(match, value as string)));
    const rows = ["JOB", "ROUND#0001", "REPO#acme/orders", "CARD", "WATCH#acme/orders"];
    expect(rows.filter((sk) => takes(notify, "JOB#j0123456789abcdef", sk))).toEqual([
      "JOB",
      "ROUND#0001",
      "REPO#acme/orders",
    ]);
    expect(rows.filter((sk) => takes(drive, "JOB#j0123456789abcdef", sk))).toEqual(["JOB", "ROUND#0001"]);
    expect(takes(notify, "TEAM#T1", "TEMPLATE#x")).toBe(false);
    const { filterCriteria } = one(production, "lambda/eventSourceMapping:EventSourceMapping", "NotifyStream");
    const patterns = (filterCriteria as { filters: { pattern: string }[] }).filters;
    const { Keys } = JSON.parse(patterns[1]!.pattern).dynamodb;
    expect(["CAMPAIGN", "CARD", "DRAFT"].filter((sk) => takes(Keys, "CAMPAIGN#c0123456789abcdef", sk))).toEqual([
      "CAMPAIGN",
    ]);
  });
});

type Match = string | { prefix: string };
const matchesValue = (match: Match, value: string) =>
  typeof match === "string" ? match === value : value.startsWith(match.prefix);

describe("the entry points", () => {
  it("are open at two paths: Slack's, whose signature the function checks, and health", () => {
    expect(
      all(production, "apigatewayv2/route:Route")
        .map(({ inputs }) => inputs.routeKey)
        .toSorted(),
    ).toEqual(["GET /health", "POST /slack/events"]);
    expect(all(production, "lambda/functionUrl:FunctionUrl")).toEqual([]);
    const principals = all(production, "lambda/permission:Permission").map(({ inputs }) => inputs.principal);
    expect([...new Set(principals)].toSorted()).toEqual(["apigateway.amazonaws.com", "events.amazonaws.com"]);
    for (const { inputs } of all(production, "lambda/permission:Permission")) expect(inputs.sourceArn).toBeTruthy();
    expect(one(production, "apigatewayv2/stage:Stage").defaultRouteSettings).toEqual({
      throttlingBurstLimit: 100,
      throttlingRateLimit: 20,
    });
    for (const { inputs } of all(production, "apigatewayv2/integration:Integration"))
      expect(inputs.payloadFormatVersion).toBe("2.0");
    expect(one(production, "apigatewayv2/api:Api").corsConfiguration ?? {}).toEqual({});
  });

  it("every file in functions/ with a handler is deployed, and every function has its file", () => {
    const deployed = (synthesis: Synthesis) =>
      all(synthesis, "lambda/function:Function")
        .map(({ name }) => name.replace(/Function$/, ""))
        .toSorted();
    // By these names AWS knows them: another one would be another function, with a log of its own.
    expect(deployed(app)).toEqual(
      "ChangeSet Decide Drive Finish Health Notify Plan ReadToken Schedule Slack Sweep Watch WriteToken".split(" "),
    );
    expect(FUNCTIONS).toHaveLength(deployed(app).length);
    expect(deployed(production)).toEqual(deployed(app).filter((name) => !name.endsWith("Token")));
    for (const { inputs } of all(app, "lambda/function:Function"))
      expect(inputs).toMatchObject({ runtime: "nodejs24.x", architectures: ["arm64"], handler: "index.handler" });
  });

  it("end before their callers give up: the state, the gateway, the next sweep", () => {
    const secondsOf = (name: string) => Number(one(production, "lambda/function:Function", `${name}Function`).timeout);
    for (const name of ["Plan", "Decide", "Finish"]) expect(secondsOf(name), name).toBeLessThan(FUNCTION_SECONDS);
    for (const name of ["Slack", "Health"]) expect(secondsOf(name), name).toBeLessThanOrEqual(30);
    expect(secondsOf("Sweep")).toBeLessThan(5 * 60);
    for (const name of ["Watch", "Schedule", "ChangeSet"]) expect(secondsOf(name), name).toBeLessThan(60);
  });

  it("hold only the secrets of their zone", () => {
    const holders = (value: string) =>
      all(dev, "lambda/function:Function")
        .map(({ name }) => name.replace(/Function$/, ""))
        .filter((name) => Object.values(environmentOf(dev, name)).includes(value))
        .toSorted();
    expect(holders("synthesis-anthropic")).toEqual([]);
    // In Publish's zone, like its task.
    expect(holders("synthesis-github-write")).toEqual(["ChangeSet"]);
    expect(holders(SIGNING_KEY)).toEqual([]);
    expect(holders("synthesis-github-read")).toEqual(["Plan", "Schedule", "Slack", "Watch"]);
    expect(holders("xoxb-synthesis-bot")).toEqual(["Notify", "Schedule", "Slack"]);
    expect(holders("synthesis-signing")).toEqual(["Slack"]);
  });

  it("with a GitHub App hold no token at all; its key is with those that look, those that act on pull requests and the two that issue tokens", () => {
    const holding = (name: string) =>
      all(app, "lambda/function:Function")
        .map((one) => one.name.replace(/Function$/, ""))
        .filter((title) => name in environmentOf(app, title))
        .toSorted();
    expect(holding("GITHUB_APP_KEY")).toEqual([
      "ChangeSet",
      "Plan",
      "ReadToken",
      "Schedule",
      "Slack",
      "Watch",
      "WriteToken",
    ]);
    for (const name of ["GITHUB_TOKEN", "GITHUB_READ_TOKEN", "GITHUB_WRITE_TOKEN"]) expect(holding(name)).toEqual([]);
    expect(all(app, "ssm/parameter:Parameter").filter(({ inputs }) => /github/i.test(String(inputs.name)))).toEqual([]);
  });
});

describe("alarms", () => {
  it("are few, look at what exists, tell one topic, and are quiet while no job runs", () => {
    const alarms = all(production, "cloudwatch/metricAlarm:MetricAlarm");
    const looksAt = alarms.map(({ name, inputs }) => {
      const dimensions = Object.values((inputs.dimensions ?? {}) as Record<string, string>);
      return `${name}: ${inputs.metricName} of ${dimensions.join() || inputs.namespace} above ${inputs.threshold}`;
    });
    expect(looksAt.toSorted()).toEqual([
      "DecideErrors: Errors of DecideFunction above 0",
      "LateCards: IteratorAge of NotifyFunction above 300000",
      "SlackErrors: Errors of SlackFunction above 0",
      "SlackFailures: SlackFailures of cody-batch-production above 0",
      "SlowAck: IntegrationLatency of ApiApi-id above 2000",
      "SpendPerDay: SpendUsd of cody-batch-production above 100",
      "SweepErrors: Errors of SweepFunction above 0",
      "Throttles: Throttles of AWS/Lambda above 0",
      "Undelivered: ApproximateNumberOfMessagesVisible of Undelivered above 0",
    ]);
    const names = new Set(production.resources.map(({ name }) => name));
    for (const { name, inputs } of alarms) {
      for (const value of Object.values((inputs.dimensions ?? {}) as Record<string, string>))
        expect(names, `${name} looks at ${value}`).toContain(value.replace(/-id$/, ""));
      expect(inputs).toMatchObject({
        treatMissingData: "notBreaching",
        alarmActions: [expect.stringContaining("Alarms")],
      });
    }
  });

  it("are explained in the runbook, each of them, and name no section that is not there", () => {
    const runbook = readFileSync(join(ROOT, "docs/runbook.md"), "utf8");
    for (const { name, inputs } of all(production, "cloudwatch/metricAlarm:MetricAlarm")) {
      expect(runbook).toContain(`\n### ${name}\n`);
      const [, section] = /Runbook: ([^.]+)\./.exec(String(inputs.alarmDescription)) ?? [];
      if (section) expect(runbook.toLowerCase()).toContain(`\n## ${section}\n`);
    }
    const queue = String(one(production, "sqs/queue:Queue").name);
    expect(runbook).toContain(`\`${queue.replace("production", "STAGE")}\``);
  });

  it("measure how long Slack waits and what the models cost in a day", () => {
    expect(one(production, "cloudwatch/metricAlarm:MetricAlarm", "SlowAck")).toMatchObject({
      extendedStatistic: "p99",
      threshold: 2000,
    });
    const spend = one(dev, "cloudwatch/metricAlarm:MetricAlarm", "SpendPerDay");
    expect(spend).toMatchObject({ threshold: 25, period: 86400, statistic: "Sum" });
    const filter = one(dev, "cloudwatch/logMetricFilter:LogMetricFilter", "Spend");
    expect(filter.logGroupName).toBe(one(dev, "cloudwatch/logGroup:LogGroup", "WorkLogGrouprunner").name);
    expect(filter.metricTransformation).toMatchObject({ namespace: spend.namespace, name: spend.metricName });
  });

  it("hear of a listener that failed by the line that the app prints: to Lambda such a call is none", () => {
    const filter = one(production, "cloudwatch/logMetricFilter:LogMetricFilter", "SlackFailed");
    expect(filter).toMatchObject({
      // test/slack/app.test.ts sees that line.
      pattern: '{ $.message = "slack failed*" }',
      logGroupName: one(production, "cloudwatch/logGroup:LogGroup", "SlackLogs").name,
    });
    const { logFormat } = one(production, "lambda/function:Function", "SlackFunction").loggingConfig as Record<
      string,
      string
    >;
    expect(logFormat).toBe("JSON");
    const { namespace, metricName } = one(production, "cloudwatch/metricAlarm:MetricAlarm", "SlackFailures");
    expect(filter.metricTransformation).toMatchObject({ namespace, name: metricName });
  });

  it("a round that failed, ran out of time or was stopped is told to the same topic", () => {
    expect(one(production, "cloudwatch/eventTarget:EventTarget", "RoundEndedBadlyTell")).toMatchObject({
      rule: "RoundEndedBadly",
      arn: expect.stringContaining("Alarms"),
    });
    expect(json(one(production, "sns/topicPolicy:TopicPolicy").policy).Statement).toMatchObject([
      { Action: ["sns:Publish"], Principal: { Service: ["events.amazonaws.com"] } },
      {
        Action: ["sns:Publish"],
        Principal: { Service: ["cloudwatch.amazonaws.com"] },
        Condition: { StringEquals: { "aws:SourceAccount": ["111122223333"] } },
      },
    ]);
  });

  it("every log group forgets after a month", () => {
    const groups = all(app, "cloudwatch/logGroup:LogGroup");
    expect(groups.length).toBe(FUNCTIONS.length + 4);
    for (const { inputs } of groups) expect(inputs.retentionInDays).toBe(30);
  });

  it("have one dashboard", () => {
    const { widgets } = json(one(production, "cloudwatch/dashboard:Dashboard").dashboardBody);
    expect(widgets).toHaveLength(6);
  });

  it("go to a mailbox when one is named", () => {
    expect(all(production, "sns/topicSubscription:TopicSubscription")).toEqual([]);
    expect(one(dev, "sns/topicSubscription:TopicSubscription")).toMatchObject({
      protocol: "email",
      endpoint: "someone@example.com",
    });
  });
});
