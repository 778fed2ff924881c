import { json } from "./query.ts";
import type { Synthesis } from "./synthesise.ts";

export type Statement = {
  Effect: string;
  Action: string[];
  Resource?: string[];
  Principal?: unknown;
  Condition?: Record<string, Record<string, string[]>>;
};
/** `of`: the resource that holds the policy and the property in which it stands. */
export type Policy = { of: string; statements: Statement[] };

const isPolicy = (value: unknown): value is { Statement: Statement[] } =>
  typeof value === "object" && value !== null && "Statement" in value;

/** Every policy document of a deployment, wherever it stands. */
export function policiesOf({ resources }: Synthesis): Policy[] {
  return resources.flatMap(({ type, name, inputs }) =>
    documentsIn(inputs).map(({ path, document }) => ({
      of: `${name} (${type.split(":").at(-1)}) ${path}`,
      statements: document.Statement.map((one) => ({
        ...one,
        Action: [one.Action].flat(),
        ...(one.Resource !== undefined && { Resource: [one.Resource].flat() }),
      })),
    })),
  );
}

function documentsIn(value: unknown, path = ""): { path: string; document: { Statement: Statement[] } }[] {
  if (typeof value === "string" && value.startsWith("{") && value.includes('"Statement"'))
    return documentsIn(json(value), path);
  if (isPolicy(value)) return [{ path, document: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => documentsIn(inner, path === "" ? key : `${path}.${key}`));
}
