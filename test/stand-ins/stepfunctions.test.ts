import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type StepFunctionsOptions, startStepFunctions } from "../../packages/stand-ins/stepfunctions/stepfunctions.ts";

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

const CALL = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: "plan", "Payload.$": "$" },
  TimeoutSeconds: 5,
  End: true,
};
const RUN = {
  Type: "Task",
  Resource: "arn:aws:states:::ecs:runTask.sync",
  Parameters: {
    Cluster: "cody",
    TaskDefinition: "work",
    CapacityProviderStrategy: [{ CapacityProvider: "FARGATE_SPOT", Weight: 1 }],
    NetworkConfiguration: {
      AwsvpcConfiguration: { Subnets: ["s"], SecurityGroups: ["g"], AssignPublicIp: "ENABLED" },
    },
    Overrides: { ContainerOverrides: [{ Name: "runner", Environment: [{ Name: "CODY_JOB", "Value.$": "$.job" }] }] },
  },
  TimeoutSeconds: 5,
  End: true,
};
const one = (state: object, more: object = {}) => ({ StartAt: "Only", States: { Only: state }, ...more });

async function start(definition: object, options: Partial<StepFunctionsOptions> = {}) {
  const log: string[] = [];
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const local = await startStepFunctions({
    ...credentials,
    machines: { machine: definition },
    invoke: async (_name, payload) => payload,
    runTask: async () => ({ exitCode: 0 }),
    log: (line) => log.push(line),
    retryDelayMs: 0,
    ...options,
  });
  const sfn = new SFNClient({ endpoint: local.url, region: "us-east-1", credentials, maxAttempts: 1 });
  open.push(local, { stop: async () => sfn.destroy() });
  const stateMachineArn = local.arn("machine");
  const begin = async (name: string, input: unknown = {}) =>
    (await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }))).executionArn!;
  const ended = (executionArn: string) =>
    vi.waitFor(
      async () => {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        expect(execution.status).not.toBe("RUNNING");
        return execution;
      },
      { timeout: 60_000, interval: 10 },
    );
  return { local, sfn, log, stateMachineArn, begin, ended };
}

describe("the Step Functions API", () => {
  it("runs a machine and shows it by describe, list and history", async () => {
    const { sfn, stateMachineArn, begin, ended } = await start(one({ ...CALL, OutputPath: "$.Payload" }));
    const executionArn = await begin("first", { job: "j1" });
    const end = await ended(executionArn);
    expect(end).toMatchObject({ status: "SUCCEEDED", name: "first", output: '{"job":"j1"}', stateMachineArn });
    expect(end.stopDate!.getTime()).toBeGreaterThanOrEqual(end.startDate!.getTime());

    const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "SUCCEEDED" }));
    expect(executions!.map(({ name }) => name)).toEqual(["first"]);
    const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events!.map(({ type }) => type)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    const { definition } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(JSON.parse(definition!).StartAt).toBe("Only");
  });

  it("takes the same name and input as one start while it runs, and refuses the name for anything else", async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { begin, ended, log } = await start(one(CALL), { invoke: () => gate });
    const arn = await begin("name", { a: 1 });
    expect(await begin("name", { a: 1 })).toBe(arn);
    await expect(begin("name", { a: 2 })).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    go();
    await ended(arn);
    await expect(begin("name", { a: 1 })).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    expect(log.at(-1)).toContain("ExecutionAlreadyExists");
  });

  it("has forgotten every name after a restart", async () => {
    const first = await start(one(CALL));
    await first.ended(await first.begin("name"));
    const second = await start(one(CALL));
    await expect(second.begin("name")).resolves.toContain(":name");
  });

  it("stops an execution: its task is told, and no further one starts", async () => {
    const told: string[] = [];
    const items = { Type: "Map", ItemsPath: "$.items", MaxConcurrency: 1, End: true };
    const { sfn, begin, ended } = await start(
      one({ ...items, ItemProcessor: { StartAt: "Run", States: { Run: RUN } } }),
      {
        runTask: ({ environment, signal }) =>
          new Promise((resolve) => {
            told.push(`start ${environment.CODY_JOB}`);
            signal.addEventListener("abort", () => {
              told.push(`stop ${environment.CODY_JOB}`);
              resolve({ exitCode: 143 });
            });
          }),
      },
    );
    const executionArn = await begin("stopped", { items: [{ job: "a" }, { job: "b" }] });
    await expect.poll(() => told).toEqual(["start a"]);
    await sfn.send(new StopExecutionCommand({ executionArn, error: "Stuck", cause: "no progress" }));
    expect(await ended(executionArn)).toMatchObject({ status: "ABORTED", error: "Stuck", cause: "no progress" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual(["start a", "stop a"]);
  });

  it.each([
    [
      "an unknown machine",
      { stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:x" },
      "StateMachineDoesNotExist",
    ],
    ["a name with a colon", { name: "a:b" }, "InvalidName"],
    ["a name of 81 characters", { name: "n".repeat(81) }, "InvalidName"],
    ["an input that is not JSON", { input: "{" }, "InvalidExecutionInput"],
    ["an input over 256 KB", { input: JSON.stringify("x".repeat(256 * 1024)) }, "InvalidExecutionInput"],
  ])("refuses %s", async (_what, wrong, name) => {
    const { sfn, stateMachineArn } = await start(one(CALL));
    await expect(sfn.send(new StartExecutionCommand({ stateMachineArn, ...wrong }))).rejects.toMatchObject({ name });
  });

  it("refuses a call without a signature", async () => {
    const { local } = await start(one(CALL));
    const response = await fetch(local.url, { method: "POST", body: "{}" });
    expect([response.status, await response.json()]).toMatchObject([400, { message: "Missing Authentication Token" }]);
  });
});

describe("functions and tasks as states", () => {
  it("names a function's error by its type and gives the cause as Lambda does", async () => {
    const { begin, ended } = await start(one(CALL), {
      invoke: async () => {
        throw new TypeError("no such job");
      },
    });
    const end = await ended(await begin("failing"));
    expect([end.status, end.error]).toEqual(["FAILED", "TypeError"]);
    expect(JSON.parse(end.cause!)).toMatchObject({ errorType: "TypeError", errorMessage: "no such job" });
  });

  it("turns a task's exit code into States.TaskFailed with its ECS description", async () => {
    const { begin, ended } = await start(one(RUN), { runTask: async () => ({ exitCode: 137 }) });
    const end = await ended(await begin("killed", { job: "j1" }));
    expect([end.status, end.error]).toEqual(["FAILED", "States.TaskFailed"]);
    expect(JSON.parse(end.cause!)).toMatchObject({
      Containers: [{ Name: "runner", ExitCode: 137 }],
      StopCode: "EssentialContainerExited",
    });
  });

  it("lets a retrier see a throttled RunTask by its name", async () => {
    let calls = 0;
    const { begin, ended } = await start(
      one({ ...RUN, Retry: [{ ErrorEquals: ["ECS.AmazonECSException"], MaxAttempts: 2 }] }),
      {
        runTask: async () => {
          calls += 1;
          if (calls < 3) throw Object.assign(new Error("Rate exceeded"), { name: "ECS.AmazonECSException" });
          return { exitCode: 0 };
        },
      },
    );
    expect((await ended(await begin("throttled", { job: "j1" }))).status).toBe("SUCCEEDED");
    expect(calls).toBe(3);
  });

  it("tells a task that its time is over, and names the error States.Timeout", async () => {
    let told = false;
    const { begin, ended } = await start(one({ ...RUN, TimeoutSeconds: 1 }), {
      runTask: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            told = true;
            resolve({ exitCode: 143 });
          });
        }),
    });
    const end = await ended(await begin("slow", { job: "j1" }));
    expect([end.status, end.error, told]).toEqual(["FAILED", "States.Timeout", true]);
  });

  it.each([
    ["a result over 256 KB", CALL, { x: 1 }, "States.DataLimitExceeded"],
    ["a container's value that is no string", RUN, { job: 7 }, "States.Runtime"],
  ])("ends the execution past every Catch for %s", async (_what, state, input, error) => {
    const caught = {
      Only: { ...state, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }] },
      Caught: { Type: "Succeed" },
    };
    const { begin, ended } = await start(
      { StartAt: "Only", States: caught },
      { invoke: async () => "x".repeat(256 * 1024) },
    );
    expect(await ended(await begin("too-much", input))).toMatchObject({ status: "FAILED", error });
  });

  it("refuses overrides over 8 KB as ECS does", async () => {
    const { begin, ended } = await start(one(RUN));
    const end = await ended(await begin("long", { job: "x".repeat(8 * 1024) }));
    expect([end.status, end.error]).toEqual(["FAILED", "ECS.InvalidParameterException"]);
  });
});

describe("a definition that would run otherwise here than on AWS is refused at start", () => {
  it.each([
    ["JSONata", { ...one(CALL), QueryLanguage: "JSONata" }, /QueryLanguage/],
    ["variables", one({ ...CALL, Assign: { a: 1 } }), /Only: Assign/],
    ["heartbeats", one({ ...CALL, HeartbeatSeconds: 5 }), /HeartbeatSeconds/],
    ["a task that may hang", one({ ...CALL, TimeoutSeconds: undefined }), /TimeoutSeconds/],
    ["an unknown resource", one({ ...CALL, Resource: "arn:aws:states:::sqs:sendMessage" }), /sqs:sendMessage/],
    ["a broken transition", { StartAt: "Nowhere", States: { Only: CALL } }, /MISSING_TRANSITION_TARGET/],
  ])("%s", async (_what, definition, message) => {
    await expect(start(definition)).rejects.toThrow(message);
  });
});
