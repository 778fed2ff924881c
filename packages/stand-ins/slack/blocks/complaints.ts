import type { z } from "zod";

/** Says what zod found in Slack's words, each with the JSON pointer that Slack's `response_metadata.messages` carry. */
export function complaints(error: z.ZodError, input: unknown, root: string): string[] {
  return error.issues.flatMap((issue) => say(issue, input, root));
}

type Issue = z.core.$ZodIssue;

function say(issue: Issue, input: unknown, root: string): string[] {
  const path = issue.path;
  const at = (steps: readonly PropertyKey[]) => `[json-pointer:${[root, ...steps.map(String)].join("/")}]`;
  const value = path.reduce<unknown>((here, step) => (here as Record<PropertyKey, unknown> | undefined)?.[step], input);
  if (value === undefined && path.length > 0 && issue.code !== "custom")
    return [`missing required field: ${String(path.at(-1))} ${at(path.slice(0, -1))}`];
  switch (issue.code) {
    case "too_big":
      return issue.origin === "string"
        ? [`must be less than ${Number(issue.maximum) + 1} characters ${at(path)}`]
        : issue.origin === "array"
          ? [`no more than ${issue.maximum} items allowed ${at(path)}`]
          : [`must be at most ${issue.maximum} ${at(path)}`];
    case "too_small":
      return issue.origin === "string"
        ? [`must be more than ${Number(issue.minimum) - 1} characters ${at(path)}`]
        : issue.origin === "array"
          ? [`no fewer than ${issue.minimum} items allowed ${at(path)}`]
          : [`must be at least ${issue.minimum} ${at(path)}`];
    case "unrecognized_keys":
      return issue.keys.map((key) => `invalid additional property: ${key} ${at(path)}`);
    case "invalid_union":
      return [`unsupported type: ${String(value)} ${at(path)}`];
    case "invalid_type":
      return [`must provide a ${issue.expected} ${at(path)}`];
    case "invalid_value":
      return [`must be one of: ${issue.values.join(", ")} ${at(path)}`];
    default:
      return [`${issue.message} ${at(path)}`];
  }
}
