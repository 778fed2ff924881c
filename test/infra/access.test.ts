import { beforeAll, describe, expect, it } from "vitest";
import { APP, PRIVATE, PRODUCTION } from "./synth/deployments.ts";
import { all, json } from "./synth/query.ts";
import { type Synthesis, synthesise } from "./synth/synthesise.ts";

type Statement = { Effect: string; Action: string[]; Resource: string[]; Condition?: object };
type Role = { name: string; trusts: unknown; managed: string[]; statements: Statement[] };

const rolesOf = (synthesis: Synthesis): Role[] =>
  all(synthesis, "iam/role:Role")
    .map(({ name, inputs }) => ({
      name,
      trusts: json(inputs.assumeRolePolicy).Statement.map(
        ({ Principal, Condition }: { Principal: unknown; Condition?: unknown }) =>
          Condition ? { Principal, Condition } : Principal,
      ),
      managed: (inputs.managedPolicyArns ?? []) as string[],
      statements: ((inputs.inlinePolicies ?? []) as { policy: string }[]).flatMap(
        ({ policy }) => json(policy).Statement,
      ),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name));

let roles: Role[];
let elsewhere: Role[];
let withApp: Role[];
beforeAll(async () => {
  [roles, elsewhere, withApp] = (await Promise.all([PRODUCTION, PRIVATE, APP].map(synthesise))).map(rolesOf) as [
    Role[],
    Role[],
    Role[],
  ];
}, 120_000);

const statementsOf = (name: string) => roles.find((role) => role.name === name)!.statements;
const may = (name: string, action: string) =>
  statementsOf(name)
    .filter(({ Action }) => Action.includes(action))
    .flatMap(({ Resource }) => Resource);

/** Why AWS leaves no narrower resource; the same words stand beside each in the stacks. */
const ANYTHING: Record<string, string> = {
  "dynamodb:ListStreams": "it names streams of the account; the API takes no resource",
  "ecr:GetAuthorizationToken": "the registry's password is given out for the account; the API takes no resource",
  "logs:CreateLogDelivery": "the log delivery API takes no resource",
  "logs:GetLogDelivery": "the log delivery API takes no resource",
  "logs:UpdateLogDelivery": "the log delivery API takes no resource",
  "logs:DeleteLogDelivery": "the log delivery API takes no resource",
  "logs:ListLogDeliveries": "the log delivery API takes no resource",
  "logs:PutResourcePolicy": "the log delivery API takes no resource",
  "logs:DescribeResourcePolicies": "the log delivery API takes no resource",
  "logs:DescribeLogGroups": "the log delivery API takes no resource",
  "xray:PutTraceSegments": "traces belong to no resource",
  "xray:PutTelemetryRecords": "traces belong to no resource",
  "xray:GetSamplingRules": "traces belong to no resource",
  "xray:GetSamplingTargets": "traces belong to no resource",
};

describe("access", () => {
  it("is exactly this (G11): read every line before you accept a change", () => {
    const lines = roles.flatMap(({ name, trusts, managed, statements }) => [
      `${name} trusts ${JSON.stringify(trusts)}`,
      ...managed.map((arn) => `  MANAGED ${arn}`),
      ...statements.flatMap(({ Effect, Action, Resource, Condition }) => [
        `  ${Effect} ${Action.join(" ")}`,
        ...Resource.map((resource) => `    on ${resource}`),
        ...(Condition ? [`    if ${JSON.stringify(Condition)}`] : []),
      ]),
    ]);
    expect(`\n${lines.join("\n")}\n`).toMatchSnapshot();
  });

  it("is the same in every stage and network", () => {
    const shape = (all: Role[]) =>
      all.map(({ name, statements }) => [name, ...statements.map(({ Action }) => Action.join(" "))]);
    expect(shape(elsewhere)).toEqual(shape(roles));
  });

  it("with a GitHub App adds two functions that issue tokens, and lets each task ask its own one only", () => {
    const lines = (all: Role[]) =>
      all.flatMap(({ name, statements }) =>
        statements.flatMap(({ Action, Resource }) =>
          Action.flatMap((action) =>
            Resource.map((resource) => `${name} ${action} ${resource.split(":").slice(5).join(":")}`),
          ),
        ),
      );
    const before = lines(roles);
    const after = lines(withApp);
    expect(after.filter((line) => !before.includes(line))).toEqual([
      "PublishTaskRole lambda:InvokeFunction function:WriteTokenFunction",
      "ReadTokenRole dynamodb:Query table/JobsTable",
      "ReadTokenRole logs:CreateLogStream log-group:ReadTokenLogs:*",
      "ReadTokenRole logs:PutLogEvents log-group:ReadTokenLogs:*",
      "WorkTaskRole lambda:InvokeFunction function:ReadTokenFunction",
      "WriteTokenRole dynamodb:Query table/JobsTable",
      "WriteTokenRole logs:CreateLogStream log-group:WriteTokenLogs:*",
      "WriteTokenRole logs:PutLogEvents log-group:WriteTokenLogs:*",
    ]);
    expect(before.filter((line) => !after.includes(line))).toEqual([
      "PublishExecutionRole ssm:GetParameters parameter/PublishGithubWriteToken",
      "WorkExecutionRole ssm:GetParameters parameter/WorkGithubReadToken",
    ]);
  });

  it("names every action; a resource is `*` only where AWS takes none, and the reason is written down", () => {
    for (const { name, statements, managed } of roles) {
      expect(managed, name).toEqual([]);
      for (const { Action, Resource } of statements)
        for (const action of Action) {
          expect(action, name).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
          if (Resource.includes("*")) expect(ANYTHING, `${name} ${action}`).toHaveProperty([action]);
        }
    }
  });

  it("is given to services only: no user of the account may take a role", () => {
    for (const { name, trusts } of roles) expect(JSON.stringify(trusts), name).not.toMatch(/"AWS"|root|\*/);
  });

  it("keeps the zones apart: who starts executions, who reads the stream, who writes objects", () => {
    const holders = (action: string) =>
      roles.filter(({ name }) => may(name, action).length > 0).map(({ name }) => name);
    expect(holders("states:StartExecution")).toEqual(["DriveRole", "SweepRole"]);
    expect(holders("ecs:RunTask")).toEqual(["RoundsRole"]);
    expect(holders("iam:PassRole")).toEqual(["RoundsRole"]);
    expect(holders("dynamodb:GetRecords")).toEqual(["DriveRole", "NotifyRole"]);
    expect(holders("s3:PutObject")).toEqual(["SlackRole", "WorkTaskRole"]);
    expect(may("SlackRole", "s3:PutObject")).toEqual([
      "arn:aws:s3:::ArtifactsBucket/jobs/*/patches-*.zip",
      "arn:aws:s3:::ArtifactsBucket/jobs/*/attached/*",
      "arn:aws:s3:::ArtifactsBucket/reports/*",
    ]);
    expect(holders("s3:GetObject")).toEqual(["PublishTaskRole", "SlackRole", "WorkTaskRole"]);
    expect(holders("ssm:GetParameters")).toEqual(["PublishExecutionRole", "WorkExecutionRole"]);
    for (const name of ["dynamodb:DeleteItem", "dynamodb:Scan", "s3:DeleteObject"]) expect(holders(name)).toEqual([]);
  });

  it("limits objects to jobs/ and parameters to those of the task itself", () => {
    for (const name of ["WorkTaskRole", "PublishTaskRole", "SlackRole"])
      expect(may(name, "s3:GetObject")).toEqual([
        "arn:aws:s3:::ArtifactsBucket/jobs/*",
        ...(name === "SlackRole" ? ["arn:aws:s3:::ArtifactsBucket/reports/*"] : []),
      ]);
    for (const task of ["Work", "Publish"])
      for (const parameter of may(`${task}ExecutionRole`, "ssm:GetParameters"))
        expect(parameter).toContain(`:parameter/${task}`);
  });

  it("may tag what it runs, and nothing else: RunTask with PropagateTags is refused without it", () => {
    const [tag] = statementsOf("RoundsRole").filter(({ Action }) => Action.includes("ecs:TagResource"));
    expect(tag).toMatchObject({
      Action: ["ecs:TagResource"],
      Condition: { StringEquals: { "ecs:CreateAction": ["RunTask"] } },
    });
    expect(tag!.Resource).toEqual(["arn:aws:ecs:eu-west-1:111122223333:task/RunnersCluster/*"]);
  });

  it("passes exactly the roles of the two tasks, and to tasks only", () => {
    const [pass] = statementsOf("RoundsRole").filter(({ Action }) => Action.includes("iam:PassRole"));
    expect(pass).toMatchObject({ Condition: { StringEquals: { "iam:PassedToService": ["ecs-tasks.amazonaws.com"] } } });
    expect(pass!.Resource.map((arn) => arn.split("/").at(-1)).toSorted()).toEqual([
      "PublishExecutionRole",
      "PublishTaskRole",
      "WorkExecutionRole",
      "WorkTaskRole",
    ]);
  });
});
