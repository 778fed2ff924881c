import { all, json } from "../synth/query.ts";
import type { Synthesis } from "../synth/synthesise.ts";
import type { Call } from "./recorder.ts";

type Statement = {
  Action: string[];
  Resource: string[];
  Condition?: { "ForAllValues:StringLike"?: { "dynamodb:LeadingKeys": string[] } };
};
const statementsOf = (inputs: Record<string, unknown>): Statement[] =>
  ((inputs.inlinePolicies ?? []) as { policy: string }[]).flatMap(({ policy }) => json(policy).Statement);

/** Names here for the names there. */
const THERE: [RegExp, string][] = [
  [/^artifacts(?=\/|$)/, "arn:aws:s3:::ArtifactsBucket"],
  [/^table\//, "arn:aws:dynamodb:eu-west-1:111122223333:table/"],
  [/^(stateMachine|execution):/, "arn:aws:states:eu-west-1:111122223333:$1:"],
  [/^function:/, "arn:aws:lambda:eu-west-1:111122223333:function:"],
];

/** `*` stands for anything, as in a policy. */
const covers = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s").test(text);

/** Calls that the caller's role does not allow. */
export function callsBeyond(deployed: Synthesis, calls: readonly Call[]): string[] {
  const beyond = calls.filter(({ role, action, resource, leadingKey }) => {
    const { inputs } = all(deployed, "iam/role:Role").find(({ name }) => name === role)!;
    const arn = THERE.reduce((name, [here, there]) => name.replace(here, there), resource);
    return !statementsOf(inputs).some(({ Action, Resource, Condition }) => {
      const keys = Condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"] ?? ["*"];
      return (
        Action.includes(action) &&
        Resource.some((pattern) => covers(pattern, arn)) &&
        keys.some((pattern) => covers(pattern, leadingKey ?? ""))
      );
    });
  });
  return [
    ...new Set(
      beyond.map(({ role, action, resource, leadingKey }) => `${role}: ${action} on ${resource} ${leadingKey ?? ""}`),
    ),
  ];
}

/** What the roles that called may do with rows, objects, executions and functions: `SlackRole s3:PutObject`. */
export const grantsOf = (deployed: Synthesis, calls: readonly Call[]): string[] =>
  all(deployed, "iam/role:Role")
    .filter(({ name }) => calls.some(({ role }) => role === name))
    .flatMap(({ name, inputs }) =>
      statementsOf(inputs).flatMap(({ Action }) => Action.map((action) => `${name} ${action}`)),
    )
    .filter((grant) => /dynamodb:(?!.*(Stream|GetRecords|ShardIterator))|s3:|states:|lambda:/.test(grant));
