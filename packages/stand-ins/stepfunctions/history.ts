import type { StateMachine } from "aws-local-stepfunctions";
import type { MachineDefinition } from "./definition.ts";

type EngineEvent = ReturnType<StateMachine["run"]>["eventLogs"] extends AsyncGenerator<infer Event> ? Event : never;

export type HistoryEvent = {
  id: number;
  previousEventId: number;
  timestamp: number;
  type: string;
  [details: string]: unknown;
};

/** One event of the engine as GetExecutionHistory shows it; undefined for what AWS has no event for (a retry, a catch). */
export function historyEvent(event: EngineEvent, id: number, machine: MachineDefinition): HistoryEvent | undefined {
  const head = { id, previousEventId: id - 1, timestamp: event.timestamp / 1000 };
  const json = (value: unknown) => JSON.stringify(value ?? null);
  switch (event.type) {
    case "ExecutionStarted":
      return { ...head, type: event.type, executionStartedEventDetails: { input: json(event.input) } };
    case "ExecutionSucceeded":
      return { ...head, type: event.type, executionSucceededEventDetails: { output: json(event.output) } };
    case "ExecutionFailed":
      return {
        ...head,
        type: event.type,
        executionFailedEventDetails: { error: event.Error, cause: String(event.Cause) },
      };
    case "ExecutionAborted":
      return { ...head, type: event.type };
    case "ExecutionTimeout":
      return { ...head, type: "ExecutionTimedOut" };
    case "MapIterationStarted":
    case "MapIterationSucceeded":
    case "MapIterationFailed": {
      const details = `m${event.type.slice(1)}EventDetails`;
      return { ...head, type: event.type, [details]: { name: event.parentState.name, index: event.index } };
    }
    case "StateEntered": {
      const { name, type, input } = event.state;
      return { ...head, type: `${type}StateEntered`, stateEnteredEventDetails: { name, input: json(input) } };
    }
    case "StateExited": {
      const { name, type, output } = event.state;
      return { ...head, type: `${type}StateExited`, stateExitedEventDetails: { name, output: json(output) } };
    }
    case "StateFailed": {
      const task = machine.tasks.get(event.state.name);
      if (!task) return undefined;
      const [resourceType, resource] = task.resource.split(":");
      const details = { resourceType, resource, error: event.Error, cause: String(event.Cause) };
      return event.Error === "States.Timeout"
        ? { ...head, type: "TaskTimedOut", taskTimedOutEventDetails: details }
        : { ...head, type: "TaskFailed", taskFailedEventDetails: details };
    }
    default:
      return undefined;
  }
}
