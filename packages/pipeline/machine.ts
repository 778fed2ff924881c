import { FUNCTION_RETRY, HOPELESS, LOST_RUNNER, NO_CAPACITY, THROTTLED } from "./machine-retries.ts";

/**
 * The state machine of a round, as plain JSONPath ASL: deployed, validated in tests and run on one machine as the very
 * same object. It carries ids only: a state's payload is limited to 256 KB and container overrides to 8 KB.
 *
 *   Plan -> Runs( Step -> Work -> Decide -> Decided -> Publish ) -> Finish -> Outcome
 *
 * A repo run never fails the Map: whatever happens to its tasks goes to Decide beside the run's identity, and Finish
 * closes what even Decide could not.
 */
export type MachineParts = {
  planArn: string;
  decideArn: string;
  finishArn: string;
  cluster: string;
  /** Task definitions (family or ARN) of one image with two commands. */
  workTask: string;
  publishTask: string;
  /** Task definitions of Work in other images, by the names that a plan gives. */
  imageTasks?: Readonly<Record<string, string>>;
  subnets: string[];
  securityGroups: string[];
  /** Public subnets without NAT: a task needs its own address to reach the model and GitHub. */
  assignPublicIp: boolean;
};

/** The container of both task definitions; overrides name it. */
export const CONTAINER = "runner";

/** The last resort for what hangs: a run's own limits and the runner's SIGTERM end it long before. */
export const FUNCTION_SECONDS = 120;
export const WORK_SECONDS = 2 * 60 * 60;
export const PUBLISH_SECONDS = 15 * 60;
export const ROUND_SECONDS = 12 * 60 * 60;

/** Throws nothing and reads nothing: the same parts give the same object. */
export function machineDefinition(parts: MachineParts) {
  const call = (functionArn: string, payload: object | string) => ({
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: functionArn, ...payloadOf(payload) },
    TimeoutSeconds: FUNCTION_SECONDS,
    Retry: FUNCTION_RETRY,
  });

  const runTask = (task: string, capacityProvider: "FARGATE" | "FARGATE_SPOT", timeoutSeconds: number) => ({
    Type: "Task",
    Resource: "arn:aws:states:::ecs:runTask.sync",
    Parameters: {
      Cluster: parts.cluster,
      TaskDefinition: task,
      CapacityProviderStrategy: [{ CapacityProvider: capacityProvider, Weight: 1 }],
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          Subnets: parts.subnets,
          SecurityGroups: parts.securityGroups,
          AssignPublicIp: parts.assignPublicIp ? "ENABLED" : "DISABLED",
        },
      },
      PropagateTags: "TASK_DEFINITION",
      Overrides: {
        ContainerOverrides: [
          {
            Name: CONTAINER,
            Environment: [
              { Name: "CODY_JOB", "Value.$": "$.jobId" },
              { Name: "CODY_ROUND", "Value.$": "States.Format('{}', $.round)" },
              { Name: "CODY_REPOSITORY", "Value.$": "$.repository" },
            ],
          },
        ],
      },
    },
    TimeoutSeconds: timeoutSeconds,
    ResultPath: null,
  });

  /** On Spot, and on demand where that does not get through. */
  const workIn = (task: string, image?: string) => {
    const named = (state: string) => (image === undefined ? state : `${state} ${image}`);
    return {
      [named("Work")]: {
        ...runTask(task, "FARGATE_SPOT", WORK_SECONDS),
        Retry: [HOPELESS, THROTTLED],
        Catch: [
          { ErrorEquals: ["States.Timeout"], ResultPath: "$.error", Next: "Decide" },
          { ErrorEquals: ["States.ALL"], ResultPath: "$.spot", Next: named("WorkOnDemand") },
        ],
        Next: "Decide",
      },
      [named("WorkOnDemand")]: {
        ...runTask(task, "FARGATE", WORK_SECONDS),
        Comment: "RunTask does not fall back from Spot by itself. $.spot says why; only $.error counts as a failure.",
        Retry: [HOPELESS, THROTTLED, NO_CAPACITY, LOST_RUNNER],
        Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Decide" }],
        Next: "Decide",
      },
    };
  };
  const images = Object.entries(parts.imageTasks ?? {});

  const run = {
    Step: {
      Type: "Choice",
      Choices: [
        ...images.map(([image]) => ({
          And: [
            { Variable: "$.step", StringEquals: "work" },
            { Variable: "$.image", IsPresent: true },
            { Variable: "$.image", StringEquals: image },
          ],
          Next: `Work ${image}`,
        })),
        { Variable: "$.step", StringEquals: "work", Next: "Work" },
        { Variable: "$.step", StringEquals: "publish", Next: "Publish" },
      ],
      Default: "Done",
    },
    ...workIn(parts.workTask),
    ...Object.assign({}, ...images.map(([image, task]) => workIn(task, image))),
    Decide: {
      ...call(parts.decideArn, "$"),
      ResultSelector: { "next.$": "$.Payload.next" },
      ResultPath: "$.decision",
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.decideError", Next: "Done" }],
      Next: "Decided",
    },
    Decided: {
      Type: "Choice",
      Choices: [{ Variable: "$.decision.next", StringEquals: "publish", Next: "Publish" }],
      Default: "Done",
    },
    Publish: {
      ...runTask(parts.publishTask, "FARGATE", PUBLISH_SECONDS),
      Retry: [HOPELESS, THROTTLED, NO_CAPACITY, LOST_RUNNER],
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.publishError", Next: "Decide" }],
      Next: "Done",
    },
    Done: { Type: "Succeed" },
  };

  return {
    Comment: "One round of a Cody Batch job",
    StartAt: "Plan",
    TimeoutSeconds: ROUND_SECONDS,
    States: {
      Plan: {
        ...call(parts.planArn, "$"),
        OutputPath: "$.Payload",
        Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.planError", Next: "Finish" }],
        Next: "Runs",
      },
      Runs: {
        Type: "Map",
        ItemsPath: "$.runs",
        ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, StartAt: "Step", States: run },
        ResultPath: null,
        Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.runsError", Next: "Finish" }],
        Next: "Finish",
      },
      Finish: {
        ...call(parts.finishArn, { "jobId.$": "$.jobId", "round.$": "$.round" }),
        ResultPath: null,
        Next: "Outcome",
      },
      Outcome: {
        Type: "Choice",
        Choices: [
          { Variable: "$.planError", IsPresent: true, Next: "PlanFailed" },
          { Variable: "$.runsError", IsPresent: true, Next: "RunsFailed" },
        ],
        Default: "Finished",
      },
      Finished: { Type: "Succeed" },
      PlanFailed: { Type: "Fail", Error: "PlanFailed", Cause: "Plan failed after its retries; every run is closed." },
      RunsFailed: { Type: "Fail", Error: "RunsFailed", Cause: "The map of runs failed; every run is closed." },
    },
  };
}

const payloadOf = (payload: object | string) =>
  typeof payload === "string" ? { "Payload.$": payload } : { Payload: payload };
