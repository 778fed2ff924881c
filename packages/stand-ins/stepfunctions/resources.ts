import { randomUUID } from "node:crypto";
import { z } from "zod";
import { AwsRefusal, Fatal } from "./refusal.ts";

export type TaskRequest = {
  taskDefinition: string;
  capacityProvider: string;
  /** The variables of the one container override. */
  environment: Record<string, string>;
  /** Aborted when the state times out or the execution is stopped: end the task, as ECS does by SIGTERM and SIGKILL. */
  signal: AbortSignal;
};
/**
 * How a task ended. Without an exit code it was killed. `stopCode` as ECS names it, EssentialContainerExited if absent.
 */
export type TaskEnd = {
  exitCode: number | null;
  stopCode?: "EssentialContainerExited" | "SpotInterruption" | "TaskFailedToStart" | "UserInitiated";
  stoppedReason?: string;
};

export type MachineResources = {
  /** A throw is the function's error; one named `Lambda.*` is the service's. */
  invoke(functionArn: string, payload: unknown): Promise<unknown>;
  /** A throw named `ECS.*` or `AmazonECS.*` is what RunTask answers; any other is a task that failed to start. */
  runTask(request: TaskRequest): Promise<TaskEnd>;
};

const InvokeParameters = z.strictObject({ FunctionName: z.string().min(1), Payload: z.unknown() });

/** `arn:aws:states:::lambda:invoke`: the function's answer is wrapped, its throw named by its errorType. */
export async function invokeFunction(resources: MachineResources, input: unknown): Promise<object> {
  const { FunctionName, Payload } = checked(InvokeParameters, input);
  const answer = await resources.invoke(FunctionName, copied(Payload)).catch((thrown: unknown) => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (error.name.startsWith("Lambda.")) throw new AwsRefusal(error.name, error.message);
    const trace = (error.stack ?? "").split("\n");
    throw new AwsRefusal(error.name, JSON.stringify({ errorType: error.name, errorMessage: error.message, trace }));
  });
  return { ExecutedVersion: "$LATEST", Payload: copied(answer) ?? null, StatusCode: 200 };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html, the fields that we use. */
const RunTaskParameters = z.strictObject({
  Cluster: z.string().min(1),
  TaskDefinition: z.string().min(1),
  CapacityProviderStrategy: z
    .array(z.strictObject({ CapacityProvider: z.enum(["FARGATE", "FARGATE_SPOT"]), Weight: z.number().optional() }))
    .length(1),
  NetworkConfiguration: z.strictObject({
    AwsvpcConfiguration: z.strictObject({
      Subnets: z.array(z.string()).min(1).max(16),
      SecurityGroups: z.array(z.string()).max(5),
      AssignPublicIp: z.enum(["ENABLED", "DISABLED"]),
    }),
  }),
  PropagateTags: z.enum(["TASK_DEFINITION", "NONE"]).optional(),
  Overrides: z.strictObject({
    ContainerOverrides: z
      .array(
        z.strictObject({
          Name: z.string().min(1),
          Environment: z.array(z.strictObject({ Name: z.string().min(1), Value: z.string() })),
        }),
      )
      .length(1),
  }),
});

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html */
const MAX_OVERRIDES_CHARS = 8192;

/** `arn:aws:states:::ecs:runTask.sync`: the description of the stopped task; a bad end is States.TaskFailed with it. */
export async function runEcsTask(resources: MachineResources, input: unknown, signal: AbortSignal): Promise<object> {
  const parameters = checked(RunTaskParameters, input);
  const overrides = parameters.Overrides;
  if (JSON.stringify(overrides).length > MAX_OVERRIDES_CHARS)
    throw new AwsRefusal(
      "ECS.InvalidParameterException",
      `Container Overrides length must be at most ${MAX_OVERRIDES_CHARS}`,
    );
  const startedAt = Date.now();
  const end = await resources
    .runTask({
      taskDefinition: parameters.TaskDefinition,
      capacityProvider: parameters.CapacityProviderStrategy[0]!.CapacityProvider,
      environment: Object.fromEntries(overrides.ContainerOverrides[0]!.Environment.map((e) => [e.Name, e.Value])),
      signal,
    })
    .catch((thrown: unknown): TaskEnd => {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (/^(ECS|AmazonECS)\./.test(error.name)) throw new AwsRefusal(error.name, error.message);
      return { exitCode: null, stopCode: "TaskFailedToStart", stoppedReason: error.message };
    });
  const description = describeTask(parameters, end, startedAt);
  if (end.exitCode !== 0) throw new AwsRefusal("States.TaskFailed", JSON.stringify(description));
  return description;
}

function describeTask(parameters: z.infer<typeof RunTaskParameters>, end: TaskEnd, startedAt: number) {
  const taskArn = `arn:aws:ecs:us-east-1:000000000000:task/${parameters.Cluster}/${randomUUID().replaceAll("-", "")}`;
  return {
    Containers: parameters.Overrides.ContainerOverrides.map(({ Name }) => ({
      Name,
      TaskArn: taskArn,
      LastStatus: "STOPPED",
      ...(end.exitCode !== null && { ExitCode: end.exitCode }),
    })),
    CapacityProviderName: parameters.CapacityProviderStrategy[0]!.CapacityProvider,
    DesiredStatus: "STOPPED",
    LastStatus: "STOPPED",
    LaunchType: "FARGATE",
    Overrides: parameters.Overrides,
    StartedAt: startedAt,
    StoppedAt: Date.now(),
    StopCode: end.stopCode ?? "EssentialContainerExited",
    StoppedReason: end.stoppedReason ?? "Essential container in task exited",
    TaskArn: taskArn,
    TaskDefinitionArn: parameters.TaskDefinition,
  };
}

/** Parameters of the wrong shape end the execution on AWS, past every Catch. */
function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const { success, data, error } = schema.safeParse(input);
  if (success) return data;
  throw new Fatal("States.Runtime", `The Parameters could not be used to start the Task: ${z.prettifyError(error)}`);
}

/** As it would arrive over the wire. */
const copied = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
