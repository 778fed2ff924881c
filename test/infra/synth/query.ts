import type { Resource, Synthesis } from "./synthesise.ts";

/** `dynamodb/table:Table` for `aws:dynamodb/table:Table`. */
export const all = ({ resources }: Synthesis, type: string) => resources.filter((one) => one.type === `aws:${type}`);

/** Throws when there is no resource of that logical name, or more than one. */
export function one(synthesis: Synthesis, type: string, name?: string): Resource["inputs"] {
  const found = all(synthesis, type).filter((resource) => name === undefined || resource.name === name);
  if (found.length !== 1) throw new Error(`${found.length} resources ${type} ${name ?? ""}`);
  return found[0]!.inputs;
}

/** The value under any secret envelope. */
export function open<T = string>(value: unknown): T {
  return (typeof value === "object" && value !== null && "secret" in value ? open(value.secret) : value) as T;
}

export const isSecret = (value: unknown) => typeof value === "object" && value !== null && "secret" in value;

export const json = (value: unknown) => (typeof open(value) === "string" ? JSON.parse(open(value)) : open(value));

/** Environment of a function, with secrets opened, less what SST itself adds. */
export function environmentOf(synthesis: Synthesis, name: string): Record<string, string> {
  const { variables } = open<{ variables: unknown }>(
    one(synthesis, "lambda/function:Function", `${name}Function`).environment,
  );
  return Object.fromEntries(
    Object.entries(open<Record<string, unknown>>(variables))
      .filter(([variable]) => !variable.startsWith("SST_"))
      .map(([variable, value]) => [variable, open(value)]),
  );
}

type Container = {
  name: string;
  image: string;
  command: string[];
  environment: { name: string; value: string }[];
  secrets: { name: string; valueFrom: string }[];
  logConfiguration: { options: Record<string, string> };
} & Record<string, unknown>;

export const containerOf = (synthesis: Synthesis, task: string): Container =>
  json(one(synthesis, "ecs/taskDefinition:TaskDefinition", `${task}Task`).containerDefinitions)[0];

// biome-ignore lint/suspicious/noExplicitAny: what tests look at is the definition's own shape
export const machineOf = (synthesis: Synthesis): any =>
  json(one(synthesis, "sfn/stateMachine:StateMachine").definition);
