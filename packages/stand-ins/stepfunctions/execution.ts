import { ExecutionAbortedError, ExecutionTimeoutError } from "aws-local-stepfunctions";
import type { MachineDefinition, TaskState } from "./definition.ts";
import { type HistoryEvent, historyEvent } from "./history.ts";
import { checkPayload } from "./refusal.ts";
import { invokeFunction, type MachineResources, runEcsTask } from "./resources.ts";

export type Execution = {
  readonly arn: string;
  readonly name: string;
  /** As it was sent, to the byte. */
  readonly input: string;
  readonly startedAt: number;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  endedAt?: number;
  output?: string;
  error?: string;
  cause?: string;
  readonly history: HistoryEvent[];
  stop(reason: { error?: string | undefined; cause?: string | undefined }): void;
  /** Settles when the execution has ended and every task of it is gone; never rejects. */
  readonly done: Promise<void>;
};

type Start = {
  machine: MachineDefinition;
  arn: string;
  name: string;
  input: string;
  resources: MachineResources;
  /** In place of every state's own back-off. */
  retryDelayMs?: number | undefined;
};

/** Starts an execution. Stopping it, and its time-out, reach the tasks that run, and start no further one. */
export function startExecution({ machine, arn, name, input, resources, retryDelayMs }: Start): Execution {
  const ended = new AbortController();
  const tasks = new Set<Promise<unknown>>();
  const handlers = [...machine.tasks].map(([state, task]) => [
    state,
    (parameters: unknown) => {
      ended.signal.throwIfAborted();
      checkPayload(parameters, state);
      return runTask(task, state, parameters);
    },
  ]);

  function runTask(task: TaskState, state: string, parameters: unknown): Promise<unknown> {
    const timedOut = new AbortController();
    const timer = setTimeout(() => timedOut.abort(), task.timeoutSeconds * 1000);
    const signal = AbortSignal.any([ended.signal, timedOut.signal]);
    const running =
      task.resource === "lambda:invoke"
        ? invokeFunction(resources, parameters)
        : runEcsTask(resources, parameters, signal);
    const settled = running.then((result) => {
      checkPayload(result, state);
      return result;
    });
    const gone = settled.catch(() => {}).finally(() => clearTimeout(timer));
    tasks.add(gone);
    void gone.then(() => tasks.delete(gone));
    // The engine reports the time-out itself; a task that dies of it must not be heard first.
    return settled.finally(() => (timedOut.signal.aborted ? new Promise(() => {}) : undefined));
  }

  const startedAt = Date.now();
  const run = machine.engine.run(JSON.parse(input), {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(handlers),
      ...(retryDelayMs !== undefined && {
        retryIntervalOverrides: Object.fromEntries(machine.retried.map((state) => [state, retryDelayMs])),
      }),
    },
    context: { Execution: { Id: arn, Name: name }, State: { RetryCount: 0 } },
  });

  const execution: Execution = {
    arn,
    name,
    input,
    startedAt,
    status: "RUNNING",
    history: [],
    stop({ error, cause }) {
      if (execution.status !== "RUNNING") return;
      Object.assign(execution, { status: "ABORTED", endedAt: Date.now(), error, cause });
      ended.abort();
      run.abort();
    },
    done: follow(),
  };

  async function follow() {
    void writeHistory();
    try {
      const output = JSON.stringify(await run.result);
      Object.assign(execution, { status: "SUCCEEDED", endedAt: Date.now(), output });
    } catch (error) {
      if (!(error instanceof ExecutionAbortedError))
        Object.assign(execution, { endedAt: Date.now(), ...failureOf(error as Error) });
    }
    ended.abort();
    await Promise.all(tasks);
  }

  async function writeHistory() {
    for await (const event of run.eventLogs) {
      const line = historyEvent(event, execution.history.length + 1, machine);
      if (line) execution.history.push(line);
    }
  }

  return execution;
}

function failureOf(error: Error): Pick<Execution, "status" | "error" | "cause"> {
  if (error instanceof ExecutionTimeoutError) return { status: "TIMED_OUT" };
  const inner = error.cause instanceof Error ? error.cause : error;
  return { status: "FAILED", error: inner.name, cause: inner.message };
}
