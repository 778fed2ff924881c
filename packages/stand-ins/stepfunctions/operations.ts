import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { MachineDefinition } from "./definition.ts";
import { type Execution, startExecution } from "./execution.ts";
import { AwsRefusal, MAX_PAYLOAD_BYTES } from "./refusal.ts";
import type { MachineResources } from "./resources.ts";

const PREFIX = "arn:aws:states:us-east-1:000000000000";
export const machineArn = (name: string) => `${PREFIX}:stateMachine:${name}`;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const ExecutionName = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

const Start = z.object({ stateMachineArn: z.string(), name: z.string().optional(), input: z.string().default("{}") });
const OneExecution = z.object({ executionArn: z.string() });
const Stop = OneExecution.extend({ error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() });
const Paged = { maxResults: z.number().int().min(0).max(1000).optional(), nextToken: z.string().optional() };
const List = z.object({ stateMachineArn: z.string(), statusFilter: z.string().optional(), ...Paged });
const History = OneExecution.extend({ reverseOrder: z.boolean().default(false), ...Paged });

/** Whole executions with each event's input and output; of older ones only how they ended. */
const KEEP_HISTORIES = 50;

/** The Step Functions API over executions in memory: a restart forgets them, and then a name may be used again. */
export function createOperations(deps: {
  machines: ReadonlyMap<string, MachineDefinition>;
  resources: MachineResources;
  retryDelayMs?: number | undefined;
}) {
  const executions = new Map<string, Execution>();
  const ended: Execution[] = [];

  /** An ended one keeps its name taken; its history goes once many have ended after it. */
  function remember(execution: Execution) {
    executions.set(execution.arn, execution);
    void execution.done.then(() => {
      ended.push(execution);
      if (ended.length > KEEP_HISTORIES) forgetHistory(ended.shift()!);
    });
  }
  function forgetHistory({ arn, name, startedAt, endedAt, status, error, cause }: Execution) {
    const facts = { arn, name, startedAt, status, ...(endedAt !== undefined && { endedAt }) };
    const why = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    executions.set(arn, { ...facts, ...why, input: "{}", history: [], stop: () => {}, done: Promise.resolve() });
  }

  const machineOf = (arn: string) => {
    const name = arn.startsWith(machineArn("")) ? arn.slice(machineArn("").length) : "";
    const machine = deps.machines.get(name);
    if (!machine) throw new AwsRefusal("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return { name, machine };
  };
  const executionOf = (arn: string) => {
    const execution = executions.get(arn);
    if (!execution) throw new AwsRefusal("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return execution;
  };

  const operations: Record<string, (input: unknown) => object> = {
    StartExecution(request) {
      const { stateMachineArn, name = randomUUID(), input } = parsed(Start, request);
      const { machine, name: machineName } = machineOf(stateMachineArn);
      if (!ExecutionName.test(name)) throw new AwsRefusal("InvalidName", `Invalid Name: '${name}'`);
      checkInput(input);
      const arn = `${PREFIX}:execution:${machineName}:${name}`;
      const standing = executions.get(arn);
      if (standing && (standing.status !== "RUNNING" || standing.input !== input))
        throw new AwsRefusal("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
      const execution = standing ?? startExecution({ ...deps, machine, arn, name, input });
      if (!standing) remember(execution);
      return { executionArn: arn, startDate: execution.startedAt / 1000 };
    },

    DescribeExecution(request) {
      const execution = executionOf(parsed(OneExecution, request).executionArn);
      const { input, output, error, cause } = execution;
      return { ...summaryOf(execution), input, output, error, cause };
    },

    StopExecution(request) {
      const { executionArn, ...reason } = parsed(Stop, request);
      executionOf(executionArn).stop(reason);
      return { stopDate: Date.now() / 1000 };
    },

    ListExecutions(request) {
      const { stateMachineArn, statusFilter, ...page } = parsed(List, request);
      const { name } = machineOf(stateMachineArn);
      const all = [...executions.values()]
        .filter(({ arn }) => arn.startsWith(`${PREFIX}:execution:${name}:`))
        .filter(({ status }) => !statusFilter || status === statusFilter);
      const { items, nextToken } = pageOf(all.reverse(), page);
      return { executions: items.map(summaryOf), nextToken };
    },

    GetExecutionHistory(request) {
      const { executionArn, reverseOrder, ...page } = parsed(History, request);
      const { history } = executionOf(executionArn);
      const { items, nextToken } = pageOf(reverseOrder ? history.toReversed() : history, page);
      return { events: items, nextToken };
    },

    DescribeStateMachine(request) {
      const { stateMachineArn } = parsed(z.object({ stateMachineArn: z.string() }), request);
      const { name, machine } = machineOf(stateMachineArn);
      return {
        stateMachineArn,
        name,
        status: "ACTIVE",
        type: "STANDARD",
        definition: JSON.stringify(machine.definition),
        roleArn: "arn:aws:iam::000000000000:role/local",
        creationDate: 0,
      };
    },
  };

  return {
    operations,
    async stopAll() {
      for (const execution of executions.values()) execution.stop({ cause: "The stand-in is stopping." });
      await Promise.all([...executions.values()].map(({ done }) => done));
    },
  };
}

const summaryOf = (execution: Execution) => ({
  executionArn: execution.arn,
  stateMachineArn: execution.arn.replace(":execution:", ":stateMachine:").replace(/:[^:]*$/, ""),
  name: execution.name,
  status: execution.status,
  startDate: execution.startedAt / 1000,
  ...(execution.endedAt !== undefined && { stopDate: execution.endedAt / 1000 }),
});

function pageOf<T>(
  items: T[],
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
) {
  const from = Number(nextToken ?? 0);
  if (!Number.isInteger(from)) throw new AwsRefusal("InvalidToken", `Invalid Token: '${nextToken}'`);
  const to = from + (maxResults || 100);
  return { items: items.slice(from, to), ...(to < items.length && { nextToken: String(to) }) };
}

function checkInput(input: string) {
  if (Buffer.byteLength(input) > MAX_PAYLOAD_BYTES)
    throw new AwsRefusal("InvalidExecutionInput", `Input is longer than ${MAX_PAYLOAD_BYTES} bytes`);
  try {
    JSON.parse(input);
  } catch {
    throw new AwsRefusal("InvalidExecutionInput", "Invalid State Machine Execution Input: it is not JSON");
  }
}

function parsed<T>(schema: z.ZodType<T>, request: unknown): T {
  const { success, data, error } = schema.safeParse(request);
  if (!success) throw new AwsRefusal("ValidationException", z.prettifyError(error));
  return data;
}
