import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";

/** A Task state anywhere in a machine, with what its stand-in needs to know. */
export type TaskState = { resource: "lambda:invoke" | "ecs:runTask.sync"; timeoutSeconds: number };

export type MachineDefinition = {
  definition: object;
  engine: StateMachine;
  tasks: ReadonlyMap<string, TaskState>;
  /** Names of the states that have a Retry. */
  retried: string[];
};

type Fields = Record<string, unknown>;

/**
 * A machine that this engine runs as AWS would. What it would silently do otherwise is refused with the reason, because
 * a test here that passes for another cause than there is worth nothing. Throws an Error that names the state.
 * `isKnownValid`: a test has shown that it is Amazon States Language; the validator takes most of a stack's start.
 */
export function readMachine(definition: object, { isKnownValid = false } = {}): MachineDefinition {
  const tasks = new Map<string, TaskState>();
  const retried: string[] = [];
  const names = new Set<string>();

  const refuse = (name: string, why: string): never => {
    throw new Error(`State machine refused: ${name}: ${why}`);
  };
  const visit = (machine: Fields, where: string) => {
    if ((machine.QueryLanguage ?? "JSONPath") !== "JSONPath")
      refuse(where, "QueryLanguage: the local engine ignores JSONata.");
    for (const [name, state] of Object.entries(machine.States as Record<string, Fields>)) {
      if (names.has(name)) refuse(name, "two states have this name; the local engine tells states apart by name.");
      names.add(name);
      if ((state.QueryLanguage ?? "JSONPath") !== "JSONPath")
        refuse(name, "QueryLanguage: the local engine ignores JSONata.");
      for (const field of Object.keys(state)) if (UNKNOWN[field]) refuse(name, `${field}: ${UNKNOWN[field]}`);
      if (state.Retry) retried.push(name);
      if (state.Type === "Task")
        tasks.set(
          name,
          readTask(state, (why) => refuse(name, why)),
        );
      const inner = (state.ItemProcessor ?? state.Iterator) as Fields | undefined;
      if (inner) {
        if (((inner.ProcessorConfig as Fields | undefined)?.Mode ?? "INLINE") !== "INLINE")
          refuse(name, "a distributed Map does not run here.");
        visit(inner, name);
      }
      for (const branch of (state.Branches as Fields[] | undefined) ?? []) visit(branch, name);
    }
  };
  visit(definition as Fields, "the machine");
  // A copy: the engine's validator writes defaults into what it is given.
  const engine = new StateMachine(structuredClone(definition) as StateMachineDefinition, {
    validationOptions: { noValidate: isKnownValid },
  });
  return { definition, engine, tasks, retried };
}

const JSONATA = "belongs to JSONata and variables, which the local engine ignores.";
const UNKNOWN: Record<string, string> = {
  Arguments: JSONATA,
  Assign: JSONATA,
  Output: JSONATA,
  HeartbeatSeconds: "the local engine keeps no heartbeat.",
  HeartbeatSecondsPath: "the local engine keeps no heartbeat.",
  TimeoutSecondsPath: "write TimeoutSeconds; the stand-in stops a task after them.",
  ToleratedFailureCount: "the local engine tolerates none.",
  ToleratedFailurePercentage: "the local engine tolerates none.",
  ItemReader: "a distributed Map does not run here.",
  ItemBatcher: "a distributed Map does not run here.",
  ResultWriter: "a distributed Map does not run here.",
};

/** setTimeout holds 31 bits of milliseconds. */
const MAX_TIMEOUT_SECONDS = 2_147_483;

function readTask(state: Fields, refuse: (why: string) => never): TaskState {
  const resource = /^arn:aws:states:::(lambda:invoke|ecs:runTask\.sync)$/.exec(String(state.Resource))?.[1];
  if (!resource) return refuse(`Resource ${state.Resource}: only lambda:invoke and ecs:runTask.sync stand in here.`);
  const timeoutSeconds = state.TimeoutSeconds;
  if (typeof timeoutSeconds !== "number" || timeoutSeconds > MAX_TIMEOUT_SECONDS)
    return refuse("TimeoutSeconds: on AWS a task without it may hang for three years, here it would end after 60 s.");
  return { resource: resource as TaskState["resource"], timeoutSeconds };
}
